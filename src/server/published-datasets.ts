/**
 * Which hours are published, read from the datasets folder: an hour's manifest is renamed into place last, so it alone says
 * what is there. Reads folders newest first and stops as soon as a page is full.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  datasetHref,
  isCollectionName,
  isDayName,
  manifestName,
  parseDatasetFileName,
  reportName,
} from './dataset-names.ts';
import type { DatasetHour } from './reply-schemas.ts';

export type DatasetsPage = { collection?: string | undefined; before?: string | undefined; limit: number };

/** What is needed of a manifest; whatever else it says is left to its reader. */
const manifestSchema = z.looseObject({
  hour: z.string(),
  partial: z.boolean().optional(),
  revision: z.number().int().nonnegative().optional(),
  posts: z.number().int().nonnegative().optional(),
  tweets: z.number().int().nonnegative().optional(),
  users: z.number().int().nonnegative().optional(),
  accounts: z.number().int().nonnegative().optional(),
});

const HOUR_MS = 3_600_000;
/** Zones lie at most 12 h behind UTC: what a local day's folder holds ends at most that long after the UTC day. */
const LATEST_ZONE_MS = 12 * HOUR_MS;

/**
 * A page of published hours, newest first (by UTC hour, then collection). `before`: the `next` of the page before.
 * Hours whose manifest can't be read are left out; folders that don't exist are empty.
 */
export async function listPublishedHours(
  datasetsFolder: string,
  { collection, before, limit }: DatasetsPage,
): Promise<{ datasets: DatasetHour[]; next: string | null }> {
  const collections = (await namesIn(datasetsFolder, isCollectionName)).filter(
    (name) => collection === undefined || name === collection,
  );
  const collectionsByDay = new Map<string, string[]>();
  for (const name of collections)
    for (const day of await namesIn(join(datasetsFolder, name), isDayName))
      collectionsByDay.set(day, [...(collectionsByDay.get(day) ?? []), name]);
  const days = [...collectionsByDay.keys()].toSorted().toReversed();

  let found: DatasetHour[] = [];
  for (const [index, day] of days.entries()) {
    if (before !== undefined && isDayAfter(day, before)) continue;
    for (const name of collectionsByDay.get(day) ?? []) {
      const hours = await hoursOfDay(datasetsFolder, name, day);
      found.push(...hours.filter((each) => before === undefined || keyOf(each) < before));
    }
    found = found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
    // Older folders may still hold hours newer than some found here, by their zones; not newer than this instant.
    const next = days[index + 1];
    const settledFrom =
      next === undefined ? Number.NEGATIVE_INFINITY : Date.parse(next) + 24 * HOUR_MS + LATEST_ZONE_MS;
    const settled = found.filter(({ hour }) => Date.parse(`${hour.slice(0, 13)}:00:00Z`) >= settledFrom);
    if (settled.length > limit) break;
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { datasets: page, next: found.length > limit && last !== undefined ? keyOf(last) : null };
}

/** True when the hour's manifest is in place: only then are the files beside it published. */
export async function isPublished(folder: string, label: string): Promise<boolean> {
  try {
    return (await stat(join(folder, manifestName(label)))).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Where an hour stands in the order of the list. */
function keyOf({ hour, collection }: DatasetHour): string {
  return `${hour}~${collection}`;
}

/** True when every hour in a local day's folder comes after the key; zones are at most 14 h ahead of UTC. */
function isDayAfter(day: string, key: string): boolean {
  const keyMs = Date.parse(`${key.slice(0, 13)}:00:00Z`);
  return Date.parse(day) - 14 * HOUR_MS > keyMs;
}

async function hoursOfDay(datasetsFolder: string, collection: string, day: string): Promise<DatasetHour[]> {
  const folder = join(datasetsFolder, collection, day);
  const names = await namesIn(folder, (name) => parseDatasetFileName(day, name) !== undefined);
  const namesByLabel = new Map<string, string[]>();
  for (const name of names) {
    const parsed = parseDatasetFileName(day, name);
    if (parsed?.kind === 'hour') namesByLabel.set(parsed.label, [...(namesByLabel.get(parsed.label) ?? []), name]);
  }
  const report = names.includes(reportName(day))
    ? await fileOf(datasetsFolder, collection, day, reportName(day))
    : null;
  const hours: DatasetHour[] = [];
  for (const [label, own] of namesByLabel) {
    if (!own.includes(manifestName(label))) continue;
    const manifest = await readManifest(join(folder, manifestName(label)));
    if (manifest === undefined) continue;
    const files = await Promise.all(own.toSorted().map((name) => fileOf(datasetsFolder, collection, day, name)));
    hours.push({
      collection,
      hour: manifest.hour,
      label,
      partial: manifest.partial ?? false,
      revision: manifest.revision ?? null,
      posts: manifest.posts ?? manifest.tweets ?? null,
      accounts: manifest.accounts ?? manifest.users ?? null,
      builtAt: manifest.publishedAt,
      files: files.filter((file) => file !== null),
      report,
    });
  }
  return hours;
}

async function readManifest(path: string) {
  try {
    const [text, { mtime }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const manifest = manifestSchema.safeParse(JSON.parse(text));
    if (!manifest.success || Number.isNaN(Date.parse(`${manifest.data.hour.slice(0, 13)}:00:00Z`))) return undefined;
    return { ...manifest.data, publishedAt: mtime.toISOString() };
  } catch (error) {
    // Replaced by a newer revision this moment, or damaged: verify tells of damage, a list shows what can be read.
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function fileOf(datasetsFolder: string, collection: string, day: string, name: string) {
  try {
    const { size } = await stat(join(datasetsFolder, collection, day, name));
    return { name, bytes: size, href: datasetHref(collection, day, name) };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function namesIn(folder: string, accept: (name: string) => boolean): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(accept);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
