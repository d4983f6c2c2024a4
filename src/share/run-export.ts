/**
 * An export from its selection to a published folder: counts what is selected, writes it in the order of ids, compares, describes, publishes. All that is
 * read is one snapshot of the database. A run that was killed is gone on with: its rows are compared with the present snapshot by what they were made of.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MistnetError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { BuildLock } from '../process/build-lock.ts';
import type { Database } from '../store/db.ts';
import { countSelected, countWithdrawn } from '../store/export/count-selected.ts';
import { readProfiles } from '../store/export/profiles.ts';
import { type IdSpan, readSelected, type SelectedPost } from '../store/export/read-selected.ts';
import type { PostSelection } from '../store/export/selection.ts';
import { type Snapshot, withSnapshot } from '../store/export/snapshot.ts';
import { listCollections } from '../store/queries/list-collections.ts';
import { presetOf } from './columns/presets.ts';
import { describeExport } from './describe-export.ts';
import { ExportFiles, readCheckpoint } from './export-files.ts';
import type { ExportManifest } from './export-manifest.ts';
import { type ExportContext, ExportPost } from './export-post.ts';
import type { ExportRequest } from './export-request.ts';
import { asUnwritable } from './formats/text-part.ts';
import { publishFolder } from './publish-folder.ts';
import { selectionOf } from './selection-of.ts';

/** `resumedFrom`: so many rows were there already. */
export type ExportProgress = { rowsTotal: number; rowsDone: number; bytesDone: number; resumedFrom: number };

export type RunExportOptions = {
  db: Database;
  request: ExportRequest;
  /** Of the export; data files bear it. */
  name: string;
  /** Absolute; must not exist yet, or be empty. */
  folder: string;
  version: string;
  clock: Clock;
  signal: AbortSignal;
  /** After each batch. A promise is awaited; its rejection ends the export. */
  onProgress?: (progress: ExportProgress) => void | Promise<void>;
  /** A crash costs at most so many rows. */
  checkpointRows?: number;
};

/** How many posts may not be shared any more, by why. */
export type WithdrawnPosts = { reason: string; posts: number }[];

const CHECKPOINT_ROWS = 25_000;

/**
 * Publishes the export and returns its manifest. Throws `export.refused` when the folder holds something, `dataset.conflict` while another
 * process writes the same export, `job.failed` when the rows are not as many as were counted; nothing is published then. What an abort leaves
 * can be gone on with by the same call, or removed by `discardExport`.
 */
export async function runExport(options: RunExportOptions): Promise<ExportManifest> {
  const { db, folder, name, clock, signal } = options;
  const staging = stagingOf(folder);
  await refuseFullFolder(folder);
  await mkdir(dirname(folder), { recursive: true }).catch((error: unknown) => {
    throw asUnwritable(dirname(folder), error);
  });
  await using lock = await BuildLock.take(lockOf(folder), `The export ${name}`, clock);
  await refuseFullFolder(folder); // another run may have ended meanwhile
  await mkdir(staging, { recursive: true });
  const manifest = await withSnapshot(db, signal, (snapshot) => writeExport(snapshot, staging, options));
  signal.throwIfAborted();
  if (!lock.isHeld())
    throw new MistnetError('job.failed', `Another process took the export ${name} over; this one published nothing.`);
  await publishFolder(staging, folder);
  return manifest;
}

/** Removes what an unfinished export left. */
export async function discardExport(folder: string, name: string, clock: Clock): Promise<void> {
  await using _lock = await BuildLock.take(lockOf(folder), `The export ${name}`, clock);
  await rm(stagingOf(folder), { recursive: true, force: true });
}

/** Writes the rows of a request one after the other, as text, without a folder; for pipes. Throws like `runExport`. */
export async function streamExport(options: {
  db: Database;
  request: ExportRequest;
  signal: AbortSignal;
  write: (posts: ExportPost[]) => Promise<void>;
  onProgress?: (progress: ExportProgress) => void | Promise<void>;
}): Promise<{ rows: number; withdrawn: WithdrawnPosts }> {
  const { db, request, signal, write, onProgress } = options;
  return await withSnapshot(db, signal, async (snapshot) => {
    const selection = await selectionOf(snapshot, request);
    const { rows: rowsTotal, span } = await countSelected(snapshot, selection);
    let rows = 0;
    for await (const posts of exportPosts(snapshot, request, { selection, span, payloadsFrom: 0 })) {
      signal.throwIfAborted();
      await write(posts);
      rows += posts.length;
      await onProgress?.({ rowsTotal, rowsDone: rows, bytesDone: 0, resumedFrom: 0 });
    }
    requireEqual(rows, rowsTotal);
    return { rows, withdrawn: await countWithdrawn(snapshot, selection) };
  });
}

async function writeExport(snapshot: Snapshot, staging: string, options: RunExportOptions): Promise<ExportManifest> {
  const { request, name, version } = options;
  const selection = await selectionOf(snapshot, request);
  const withdrawn = await countWithdrawn(snapshot, selection);
  const [{ as_of: asOf } = { as_of: '' }] = await snapshot.query<{ as_of: string }>('select now() as as_of');
  const { rows: total, span } = await countSelected(snapshot, selection);
  const preset = presetOf(request);
  await using files = await writeRows(snapshot, { ...options, selection, span, staging, total });
  requireEqual(files.rows, total);
  await files.end();
  return await describeExport(snapshot, {
    ...{ folder: staging, name, version, request, preset, asOf, total, withdrawn, selection },
    parts: files.parts,
    stats: files.stats,
  });
}

type WriteOptions = RunExportOptions & { selection: PostSelection; span: IdSpan; staging: string; total: number };

/** Goes on where an earlier run was killed, if all rows up to there are still made of the same; else begins anew. */
async function writeRows(snapshot: Snapshot, options: WriteOptions): Promise<ExportFiles> {
  const { staging, request, version, total } = options;
  const checkpoint = await readCheckpoint(staging, { request, version, total });
  if (checkpoint !== undefined) {
    const files = await tryRows(snapshot, options, checkpoint);
    if (files !== undefined) return files;
  }
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging);
  return (await tryRows(snapshot, options, undefined)) as ExportFiles;
}

type Saved = Awaited<ReturnType<typeof readCheckpoint>>;

/** Undefined when the rows before the checkpoint are others now. */
async function tryRows(snapshot: Snapshot, options: WriteOptions, saved: Saved): Promise<ExportFiles | undefined> {
  const {
    staging,
    request,
    name,
    version,
    total,
    signal,
    selection,
    span,
    onProgress,
    checkpointRows = CHECKPOINT_ROWS,
  } = options;
  const resumedFrom = saved?.rows ?? 0;
  const identity = createHash('sha256');
  await using cleanup = new AsyncDisposableStack();
  const files = cleanup.use(
    await ExportFiles.open(
      { folder: staging, name, version, request, preset: presetOf(request), total, signal },
      saved,
    ),
  );
  let read = 0;
  let unsaved = 0;
  for await (const batch of exportPosts(snapshot, request, { selection, span, payloadsFrom: resumedFrom })) {
    signal.throwIfAborted();
    for (let at = 0; at < batch.length; ) {
      const isKnown = read < resumedFrom;
      const slice = batch.slice(at, at + (isKnown ? resumedFrom - read : files.room));
      identity.update(Buffer.concat(slice.map(({ stored }) => stored.identity)));
      at += slice.length;
      read += slice.length;
      if (isKnown) {
        if (read === resumedFrom && identity.copy().digest('hex') !== saved?.identity) return undefined;
        continue;
      }
      const partEnded = await files.write(slice);
      unsaved += slice.length;
      if (partEnded || unsaved >= checkpointRows) {
        await files.checkpoint(identity.copy().digest('hex'));
        unsaved = 0;
      }
    }
    await onProgress?.({ rowsTotal: total, rowsDone: files.rows, bytesDone: files.bytes, resumedFrom });
  }
  if (read < resumedFrom) return undefined;
  cleanup.move(); // the caller's now
  return files;
}

/** The rows of a selection, ready to be written. */
async function* exportPosts(
  snapshot: Snapshot,
  { format, honourDeletions: honour }: ExportRequest,
  { selection, span, payloadsFrom }: { selection: PostSelection; span: IdSpan; payloadsFrom: number },
): AsyncGenerator<ExportPost[]> {
  const collections = new Map((await listCollections(snapshot)).map(({ collectionId, name }) => [collectionId, name]));
  const hasColumns = format !== 'jsonl' && format !== 'ids';
  let rows = 0;
  for await (const batch of readSelected(snapshot, selection, {
    span,
    payloadsFrom: format === 'ids' ? Number.POSITIVE_INFINITY : payloadsFrom,
  })) {
    const posts = batch.map((stored) => new ExportPost(stored, ++rows, { profile: undefined, collections, honour }));
    if (hasColumns && rows > payloadsFrom) await addProfiles(snapshot, posts, { collections, honour });
    yield posts;
  }
}

/** Posts whose payload came without its author's profile get the one that is stored. */
async function addProfiles(
  snapshot: Snapshot,
  posts: ExportPost[],
  context: Omit<ExportContext, 'profile'>,
): Promise<void> {
  const lacking = posts.filter(({ stored, details }) => stored.accountId !== null && details.author === undefined);
  if (lacking.length === 0) return;
  const keyOf = ({ platform, accountId }: SelectedPost) => `${platform}/${accountId}`;
  const keys = new Map(
    lacking.map(({ stored }) => [keyOf(stored), { platform: stored.platform, accountId: stored.accountId as string }]),
  );
  const profiles = await readProfiles(snapshot, [...keys.values()]);
  for (const [at, post] of posts.entries()) {
    const profile = profiles.get(keyOf(post.stored));
    if (post.details.author === undefined && profile !== undefined)
      posts[at] = new ExportPost(post.stored, post.rowNumber, { profile, ...context });
  }
}

function requireEqual(rows: number, counted: number): void {
  if (rows === counted) return;
  throw new MistnetError(
    'job.failed',
    `${rows} rows were read, but the database has ${counted} that the export asks for; nothing was published. Report it: the two must be equal.`,
  );
}

async function refuseFullFolder(folder: string): Promise<void> {
  const found = await readdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR' && (await isThere(folder))) return ['a file'];
    throw asUnwritable(folder, error);
  });
  if (found.length > 0)
    throw new MistnetError('export.refused', `${folder} holds something already; an export needs a folder of its own.`);
}

/** Itself: below a file there is nothing. */
async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function stagingOf(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.building`);
}

function lockOf(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.lock`);
}
