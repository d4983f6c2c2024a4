/** The second reading of a file: its posts become frames, batch by batch; what is durable is noted behind it, so that nothing stands twice after a kill. */
import type { PageFrames, PageLog } from '../../capture/page-log.ts';
import { HOUR_MS } from '../../core/time.ts';
import { damageOf, type Verdict } from './damaged-ids.ts';
import {
  frameKey,
  type ImportLedger,
  type Leftover,
  markerPayload,
  saveLedger,
  sessionOf,
  type SourceState,
} from './import-ledger.ts';
import { type Candidate, type Format, readRecords, type SourceRecord } from './source-records.ts';

export type WriteRequest = {
  path: string;
  format: Format;
  sha256: string;
  verdict: Verdict;
  /** For posts that do not say when they were retrieved, ms since 1970. */
  fallbackMs: number;
  nowMs: number;
  pages: PageLog;
  planFolder: string;
  node: string;
  ledger: ImportLedger;
  leftover: Leftover;
  signal: AbortSignal;
  /** What time it is for the segments. */
  onInstant: (atMs: number) => void;
  onBatch: (source: SourceState) => void;
};

type Frame = PageFrames['frames'][number];
type Batch = { hour: number; bytes: number; pages: { atMs: number; frames: Frame[] }[] };

const BATCH_BYTES = 1 << 20;
/** Nothing was retrieved before X was. */
const FIRST_MS = Date.parse('2006-03-21T00:00:00Z');

/** Writes what the ledger does not have yet. Throws `folder.unreadable`, what the disk throws, and the signal's reason between two batches. */
export async function writeFile(request: WriteRequest): Promise<SourceState> {
  const { path, format, sha256, ledger, signal } = request;
  const nowText = new Date(request.nowMs).toISOString();
  let source = ledger.sources[sha256] ?? {
    ...{ file: path, format, line: 0, posts: 0, refused: 0, done: false, at: nowText },
  };
  let next = source;
  let batch: Batch | undefined;
  const commit = async (isDone: boolean) => {
    signal.throwIfAborted();
    source = { ...next, done: isDone };
    await writeBatch(request, batch, source);
    batch = undefined;
    next = source;
  };
  for await (const record of readRecords(path, format)) {
    if (record.line <= source.line) continue;
    const { frames, posts, refused } = framesOf(record, request);
    const atMs = instantOf(record, request);
    const hour = Math.floor(atMs / HOUR_MS);
    if (batch !== undefined && batch.hour !== hour) await commit(false); // what is cut by a kill must lie in the last segments
    batch ??= { hour, bytes: 0, pages: [] };
    const last = batch.pages.at(-1);
    if (last?.atMs === atMs) last.frames.push(...frames);
    else batch.pages.push({ atMs, frames: [...frames] });
    batch.bytes += frames.reduce((sum, { payload }) => sum + payload.length, 0);
    next = { ...next, line: record.line, posts: next.posts + posts, refused: next.refused + refused };
    if (batch.bytes >= BATCH_BYTES) await commit(false);
  }
  await commit(true);
  return source;
}

/** Frames first, durably; then the marker that says so, then the note beside the segments. */
async function writeBatch(request: WriteRequest, batch: Batch | undefined, source: SourceState): Promise<void> {
  const { pages, ledger, leftover, sha256, format, planFolder, node, onInstant, onBatch } = request;
  const head = { platform: 'x', endpoint: `import/${format}`, session: sessionOf(sha256) };
  const writing: Promise<void>[] = [];
  for (const { atMs, frames } of batch?.pages ?? []) {
    const fresh =
      leftover.size === 0
        ? frames
        : frames.filter(({ payload }) => !takeLeftover(leftover, frameKey(head.session, payload)));
    onInstant(atMs);
    if (fresh.length > 0) writing.push(pages.append({ ...head, atMs, frames: fresh }));
  }
  await Promise.all(writing);
  const atMs = batch?.pages.at(-1)?.atMs ?? request.fallbackMs;
  for (const key of leftover.keys()) if (key.startsWith(`${head.session}/`)) leftover.delete(key); // the marker is behind it
  ledger.batch++;
  ledger.sources[sha256] = source;
  const marker = markerPayload(sha256, source, { ledger, leftover });
  onInstant(atMs);
  await pages.append({ ...head, atMs, frames: [{ payload: marker, lineClass: { kind: 'control' } }] });
  await saveLedger(planFolder, node, { ledger, leftover });
  onBatch(source);
}

/** Whether the payload is in the segments already, from a batch that a kill cut. Each time it is there counts for one. */
function takeLeftover(leftover: Leftover, key: string): boolean {
  const times = leftover.get(key) ?? 0;
  if (times > 0) leftover.set(key, times - 1);
  return times > 0;
}

function instantOf({ atMs }: SourceRecord, { fallbackMs, nowMs }: WriteRequest): number {
  return atMs !== undefined && atMs >= FIRST_MS && atMs <= nowMs ? atMs : fallbackMs;
}

function framesOf(record: SourceRecord, request: WriteRequest): { frames: Frame[]; posts: number; refused: number } {
  const frames: Frame[] = [];
  let refused = 0;
  let posts = 0;
  for (const candidate of record.candidates) {
    const { identity, payload } = candidate;
    if (identity.kind === 'other') continue;
    const reason = damageOfCandidate(candidate, request.verdict);
    if (reason === undefined && identity.kind === 'sound') {
      frames.push({ payload, lineClass: { kind: 'post', postId: identity.id } });
      posts++;
    } else {
      frames.push(refusedFrame(request.path, record.line, { id: identity.id, reason: reason ?? '', payload }));
      refused++;
    }
  }
  if (record.unreadable !== undefined) {
    const { reason, bytes } = record.unreadable;
    const text = JSON.stringify(bytes.toString('utf8'));
    frames.push(refusedFrame(request.path, record.line, { reason, payload: Buffer.from(text) }));
    refused++;
  }
  if (record.rest !== undefined) {
    const head = JSON.stringify({ mistnet: { page: { file: request.path, line: record.line } } }).slice(0, -1);
    const rest = record.rest.subarray(1);
    const isEmpty = rest.toString('utf8').trim() === '}';
    frames.push({
      payload: Buffer.concat([Buffer.from(isEmpty ? head : `${head},`), rest]),
      lineClass: { kind: 'control' },
    });
  }
  return { frames, posts, refused };
}

function damageOfCandidate({ identity, isProven }: Candidate, verdict: Verdict): string | undefined {
  if (identity.kind === 'damaged') return identity.reason;
  return identity.kind === 'sound' && !isProven ? damageOf(identity.id, verdict) : undefined;
}

/** A frame that the loader quarantines with the reason; what stood in the file is in it. */
function refusedFrame(
  file: string,
  line: number,
  { id, reason, payload }: { id?: string; reason: string; payload: Buffer },
): Frame {
  const head = JSON.stringify({
    mistnet: { refused: `import: ${reason}`, file, line, ...(id === undefined ? {} : { id }) },
  });
  const whole = Buffer.concat([Buffer.from(`${head.slice(0, -1)},"payload":`), payload, Buffer.from('}')]);
  return { payload: whole, lineClass: { kind: 'malformed' } };
}
