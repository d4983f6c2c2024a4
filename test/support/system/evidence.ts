/** Truth, segments, database, dataset: whether all tell the same story, loss and doubling shown by id. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { BuiltHour } from '../../../src/process/build-hour.ts';
import { parseNamedCsv, readParquet } from '../hours.ts';
import type { EmulatorProgram } from './emulator.ts';
import { type KeptSegment, keptSegments, postIds } from './kept-frames.ts';
import { openItsDatabase, type RunningMistnet, type Status } from './mistnet.ts';
import { expectSameList } from './same-list.ts';
import { until } from './until.ts';
import type { Environment, Workbench } from './workbench.ts';

export type RecordedGap = { from: string; to: string; uncoveredMs: number; cause: string; backfilledFrom?: string };

type Suspect = { bench: Workbench; collection: string; env: Environment };

/** A post is delivered up to 2.4 s after the instant in its id, and what was on the wire when it broke is lost too. */
const DELIVERY_MS = 5000;
const EPOCH_OF_IDS_MS = 1_288_834_974_657n;

/** The gap ledger, by the command. */
export async function gapsOf({ bench, collection, env }: Suspect): Promise<RecordedGap[]> {
  const end = await bench.mistnet(['collection', 'gaps', collection, '--json'], { env });
  expect(end, end.stderr).toMatchObject({ code: 0 });
  return JSON.parse(end.stdout) as RecordedGap[];
}

/**
 * Every id of the truth lies in the segments, or its instant in a gap's time that nothing covers; nothing lies there that was not sent.
 * Returns the ids that were lost to gaps.
 */
export async function expectSegmentsToHoldTruth(
  suspect: Suspect,
  emulator: EmulatorProgram,
  segments: KeptSegment[],
): Promise<string[]> {
  const truth = await emulator.allIds();
  const kept = new Set(postIds(segments));
  const sent = new Set(truth);
  expectSameList(
    [...kept].filter((id) => !sent.has(id)),
    [],
    'ids kept but never sent',
  );
  const missing = truth.filter((id) => !kept.has(id));
  const gaps = missing.length === 0 ? [] : await gapsOf(suspect);
  const uncovered = gaps.filter(({ uncoveredMs }) => uncoveredMs > 0);
  const unexplained = missing.filter((id) => {
    const at = Number((BigInt(id) >> 22n) + EPOCH_OF_IDS_MS);
    return !uncovered.some(
      ({ from, to, backfilledFrom }) => at >= Date.parse(from) - DELIVERY_MS && at <= Date.parse(backfilledFrom ?? to),
    );
  });
  expectSameList(unexplained, [], `ids missing from the segments and from the gaps ${JSON.stringify(gaps)}`);
  return missing;
}

/** Posts once each, observations once for each frame that holds a post: by (segment, offset). Needs the database to run. */
export async function expectDatabaseToEqual(
  { bench, collection, env }: Suspect,
  segments: KeptSegment[],
): Promise<void> {
  await using db = await openItsDatabase(bench, env);
  const observed = await db.query<{ segment: string; content_offset: string; post_id: string }>(
    `select s.segment, o.content_offset, o.post_id from observations o join segments s using (segment_id)
      join collections c on c.collection_id = o.collection_id where c.name = $1`,
    [collection],
  );
  const place = (segment: string, offset: string | number, id: string) => `${segment}@${offset} ${id}`;
  const inFrames = segments.flatMap(({ frames }) =>
    frames.flatMap(({ segment, offset, id }) => (id === undefined ? [] : [place(segment, offset, id)])),
  );
  const inRows = observed.map((row) => place(row.segment, row.content_offset, row.post_id));
  expectSameList(inRows.sort(), inFrames.sort(), 'observations and frames');
  const posts = await db.query<{ post_id: string; text: string; payload: string }>(
    'select post_id, text, payload::text as payload from posts order by post_id',
  );
  expectSameList(
    posts.map(({ post_id }) => post_id).sort(),
    [...new Set(postIds(segments))].sort(),
    'posts in the database and in the segments',
  );
  const payloadsOf = new Map<string, Set<string>>();
  for (const { frames } of segments)
    for (const { id, payload } of frames)
      if (id !== undefined) payloadsOf.set(id, (payloadsOf.get(id) ?? new Set()).add(payload.toString('utf8')));
  const mangled = posts.filter(({ post_id, payload }) => !payloadsOf.get(post_id)?.has(payload));
  expect(mangled.map(({ post_id, payload }) => ({ post_id, payload: payload.slice(0, 300) }))).toEqual([]);
}

/** The emulator tells a text without the padding that its fault puts before it. */
async function expectTextsAsSent(emulator: EmulatorProgram, segments: KeptSegment[]): Promise<void> {
  const sent = await Promise.all((await emulator.connections()).map(({ id }) => emulator.texts(id)));
  const truth = new Map(sent.flatMap((some) => [...some]));
  const kept = [...textsOf(segments)].flatMap(([id, texts]) => [...texts].map((text) => ({ id, text })));
  const mangled = kept.filter(({ id, text }) => {
    const wanted = truth.get(id);
    return wanted === undefined || (text.startsWith('huge huge ') ? !text.endsWith(wanted) : text !== wanted);
  });
  expectSameList(
    mangled.map(({ id, text }) => `${id} ${text}`),
    [],
    'texts in the segments that were not sent so',
  );
}

/** All texts that came for each post: a copy with its text made huge may be followed by one as it was written. */
function textsOf(segments: KeptSegment[]): Map<string, Set<string>> {
  const texts = new Map<string, Set<string>>();
  for (const { frames } of segments)
    for (const { id, payload } of frames) {
      if (id === undefined) continue;
      const { text } = (JSON.parse(payload.toString('utf8')) as { data: { text: string } }).data;
      texts.set(id, (texts.get(id) ?? new Set()).add(text));
    }
  return texts;
}

/** What the status says at rest, when all is loaded. */
export function expectStatusToEqual(status: Status, segments: KeptSegment[]): void {
  const posts = postIds(segments).length;
  const malformed = segments.flatMap(({ frames }) => frames.filter(({ payload }) => isMalformed(payload))).length;
  expect(status).toMatchObject({ captured: posts + malformed, loaded: posts, quarantined: malformed });
}

/** Builds every hour that has segments; ids, CSV and Parquet must hold each post of the hour exactly once, with its text. */
export async function expectDatasetsToEqual(
  { bench, collection, env }: Suspect,
  segments: KeptSegment[],
): Promise<void> {
  const texts = textsOf(segments);
  for (const hour of new Set(segments.map((segment) => segment.hour))) {
    const built = await buildDataset({ bench, collection, env }, hour);
    const ofHour = segments.filter((segment) => segment.hour === hour);
    const expected = [...new Set(postIds(ofHour))].sort(byNumber);
    const { outputs } = built.manifest;
    const ids = (await readFile(join(built.dayFolder, outputs.ids.file), 'utf8')).split('\n').slice(0, -1);
    expectSameList(ids, expected, `the ids of ${hour} and of its segments`);
    const rows = parseNamedCsv(await readFile(join(built.dayFolder, outputs.tweets.file), 'utf8'));
    expectSameList(
      rows.map(({ id = '' }) => id),
      expected,
      `the CSV of ${hour} and its segments`,
    );
    const parquet = (await readParquet(built, 'select id, text from posts order by length(id), id')) as {
      id: string;
      text: string;
    }[];
    expectSameList(
      parquet.map(({ id }) => id),
      expected,
      `the Parquet of ${hour} and its segments`,
    );
    const mangled = [
      ...rows.filter(({ id = '', text = '' }) => ![...(texts.get(id) ?? [])].map(cellOf).includes(text)),
      ...parquet.filter(({ id, text }) => ![...(texts.get(id) ?? [])].some((sent) => sent.toWellFormed() === text)),
    ];
    expectSameList(
      mangled.map(({ id, text }) => `${id} ${text}`),
      [],
      `texts of ${hour} that differ from the segments`,
    );
  }
}

/** Waits until all that was captured is loaded, then compares truth, segments, database, status and datasets. */
export async function expectOneStory(
  suspect: Suspect & { mistnet: RunningMistnet; emulator: EmulatorProgram },
): Promise<{ segments: KeptSegment[]; lost: string[]; status: Status }> {
  const { bench, collection, mistnet, emulator } = suspect;
  const status = await restfulStatus(mistnet, collection, bench.home);
  const segments = await keptSegments(bench.home, collection);
  const lost = await expectSegmentsToHoldTruth(suspect, emulator, segments);
  expectStatusToEqual(status, segments);
  await expectDatabaseToEqual(suspect, segments);
  await expectTextsAsSent(emulator, segments);
  await expectDatasetsToEqual(suspect, segments);
  return { segments, lost, status };
}

/** The status when everything that lies in the segments is counted, and loaded or quarantined. */
export async function restfulStatus(mistnet: RunningMistnet, collection: string, home: string): Promise<Status> {
  return until(
    `${collection} to be at rest`,
    async () => {
      const onDisk = await countOnDisk(home, collection);
      const status = await mistnet.status(collection);
      const { captured, loaded, quarantined } = status;
      if (onDisk > 0 && captured === onDisk && loaded + quarantined === onDisk) return status;
      throw new Error(`${onDisk} on the disk, status ${JSON.stringify(status)}`);
    },
    { withinMs: 60_000, everyMs: 300 },
  );
}

/** What the CSV files change in a text, as the data dictionary says: a line end is a blank, NUL is `\\0`, half a pair of surrogates is U+FFFD. */
function cellOf(text: string): string {
  return text.toWellFormed().replaceAll('\n', ' ').replaceAll('\0', '\\0');
}

async function countOnDisk(home: string, collection: string): Promise<number> {
  const segments = await keptSegments(home, collection);
  return segments.reduce(
    (sum, { frames }) => sum + frames.filter(({ id, payload }) => id !== undefined || isMalformed(payload)).length,
    0,
  );
}

async function buildDataset({ bench, collection, env }: Suspect, hour: string): Promise<BuiltHour> {
  const end = await bench.mistnet(
    ['dataset', 'build', '--collection', collection, '--hour', hour, '--xz-level', 'none', '--json'],
    { env },
  );
  expect(end, end.stderr).toMatchObject({ code: 0 });
  const manifest = JSON.parse(end.stdout) as BuiltHour['manifest'];
  const dayFolder = join(bench.home, 'datasets', collection, manifest.day);
  return { manifest, dayFolder, manifestPath: '', isNew: true };
}

function isMalformed(payload: Buffer): boolean {
  try {
    JSON.parse(payload.toString('utf8'));
    return false;
  } catch {
    return true;
  }
}

function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
