/** What stands beside the data of an export: a page to read, a dictionary, the gaps, and the manifest, which is written last. */
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../capture/durable-file.ts';
import type { Gap } from '../capture/gap.ts';
import type { Queryable } from '../store/db.ts';
import { accountStates } from '../store/export/account-states.ts';
import { gapsOfCollection } from '../store/queries/gaps-of-collection.ts';
import { heldBackFrom } from '../store/queries/held-back.ts';
import { listCollections } from '../store/queries/list-collections.ts';
import { dictionaryCsv, dictionaryMarkdown } from './data-dictionary.ts';
import { removeCheckpoint } from './export-files.ts';
import { type ExportManifest, exportManifestSchema, MANIFEST_NAME } from './export-manifest.ts';
import type { ExportRequest } from './export-request.ts';
import type { CollectionGap, DescribeOptions } from './export-facts.ts';
import { gapsCsv } from './gaps-csv.ts';
import { readme } from './readme.ts';

/** Writes the files and returns the manifest. The same snapshot as the data's says what is missing. */
export async function describeExport(snapshot: Queryable, options: DescribeOptions): Promise<ExportManifest> {
  const { folder, name, version, request, preset, asOf, total, parts, stats, selection, withdrawn } = options;
  const { collectionIds, ...met } = stats;
  const named = (await listCollections(snapshot)).filter(
    (collection) =>
      collectionIds.includes(collection.collectionId) ||
      (request.from.kind === 'collection' && request.from.name === collection.name),
  );
  const gaps = await gapsOf(snapshot, named, request);
  const facts = {
    ...options,
    collections: named.map((collection) => collection.name),
    gaps,
    uncoveredMs: gaps.reduce((sum, gap) => sum + gap.uncoveredMs, 0),
    heldBack: await heldBackFrom(
      snapshot,
      named.map((collection) => collection.collectionId),
    ),
    states: await accountStates(snapshot, selection),
  };
  const texts = {
    'gaps.csv': gapsCsv(gaps),
    'data-dictionary.csv': dictionaryCsv(preset),
    'data-dictionary.md': dictionaryMarkdown(preset, request),
    'README.md': readme(facts),
  };
  for (const [file, text] of Object.entries(texts)) await writeDurably(join(folder, file), text);
  const manifest: ExportManifest = exportManifestSchema.parse({
    schema: 1,
    ...{ name, version, request, asOf },
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    counted: total,
    columns: preset.columns.map((column) => column.name),
    stats: { ...met, collections: facts.collections },
    withdrawn: {
      honoured: request.honourDeletions,
      posts: withdrawn.reduce((sum, { posts }) => sum + posts, 0),
      reasons: withdrawn,
    },
    gaps: { count: gaps.filter(({ uncoveredMs }) => uncoveredMs > 0).length, uncoveredMs: facts.uncoveredMs },
    files: [
      ...parts,
      ...Object.entries(texts).map(([file, text]) => ({
        file,
        bytes: Buffer.byteLength(text),
        sha256: createHash('sha256').update(text).digest('hex'),
      })),
    ],
  });
  await removeCheckpoint(folder);
  await removeWorkingFiles(folder, manifest);
  await writeDurably(join(folder, MANIFEST_NAME), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** What parts worked with, and what an earlier run left, is no part of the export. */
async function removeWorkingFiles(folder: string, { files }: ExportManifest): Promise<void> {
  for (const name of await readdir(folder))
    if (!files.some(({ file }) => file === name)) await rm(join(folder, name), { recursive: true, force: true });
}

const PAGE = 500;

/** All interruptions of these collections within the window of capture, oldest first. */
async function gapsOf(
  snapshot: Queryable,
  collections: { collectionId: number; name: string }[],
  { capturedFrom, capturedTo }: ExportRequest,
): Promise<CollectionGap[]> {
  const within = { from: capturedFrom ?? '-infinity', to: capturedTo ?? 'infinity' };
  const found: CollectionGap[] = [];
  for (const { collectionId, name } of collections) {
    for (let last: Gap | undefined; ; ) {
      const before = last === undefined ? {} : { before: { from: last.from, gapId: last.gapId } };
      const page = await gapsOfCollection(snapshot, collectionId, { limit: PAGE, within, ...before });
      found.push(...page.map((gap) => ({ ...gap, collection: name })));
      last = page.at(-1);
      if (page.length < PAGE) break;
    }
  }
  return found.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}
