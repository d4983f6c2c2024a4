/**
 * How far the files of a collection are imported: `imports-<node>.json` beside its segments, and, for what a kill kept from being noted there,
 * the marker behind the frames of each batch. Files are told apart by their content, so one that was moved or renamed is known again.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeDurably } from '../../capture/durable-file.ts';
import { importLedgerPath } from '../../capture/plan.ts';
import { listHourFolders, listHourSegments, sealedPlace, type SegmentFiles } from '../../capture/segment/layout.ts';
import { readFrames } from '../../capture/segment/read-frames.ts';

const count = z.number().int().nonnegative();

/** `line`: all that begins up to here is in the segments, as so many posts and refused records. */
const sourceSchema = z.object({
  file: z.string(),
  format: z.string(),
  line: count,
  posts: count,
  refused: count,
  done: z.boolean(),
  at: z.string(),
});
export type SourceState = z.infer<typeof sourceSchema>;

/**
 * `batch`: number of the last one; `sources`: by the SHA-256 of the file's bytes. `leftover`: frames before the marker of that batch that a kill left
 * of files which have not been gone on with since.
 */
const ledgerSchema = z.object({
  format: z.literal(1),
  batch: count,
  sources: z.record(z.string(), sourceSchema),
  leftover: z.record(z.string(), count).optional(),
});
export type ImportLedger = z.infer<typeof ledgerSchema>;

/** It holds all that must be durable at once. */
const markerSchema = z.object({
  mistnet: z.object({
    import: z.object({
      ...{ batch: count, sha256: z.string(), source: sourceSchema },
      leftover: z.record(z.string(), count).optional(),
    }),
  }),
});

/** How often each frame stands behind the last marker, by `frameKey`: of batches that a kill cut, which must not be written again. */
export type Leftover = Map<string, number>;

/** The name of a source in its frames. */
export function sessionOf(sha256: string): string {
  return sha256.slice(0, 16);
}

export function frameKey(session: string, payload: Buffer): string {
  return `${session}/${createHash('sha256').update(payload).digest('base64')}`;
}

export function markerPayload(
  sha256: string,
  source: SourceState,
  { ledger: { batch }, leftover }: OpenLedger,
): Buffer {
  return Buffer.from(JSON.stringify({ mistnet: { import: { batch, sha256, source, ...leftoverOf(leftover) } } }));
}

/** Notes how far it is, durably; with what was left over of other files. */
export async function saveLedger(planFolder: string, node: string, { ledger, leftover }: OpenLedger): Promise<void> {
  const { format, batch, sources } = ledger;
  const text = JSON.stringify({ format, batch, sources, ...leftoverOf(leftover) }, null, 2);
  await writeDurably(importLedgerPath(planFolder, node), `${text}\n`);
}

function leftoverOf(leftover: Leftover): { leftover?: Record<string, number> } {
  return leftover.size === 0 ? {} : { leftover: Object.fromEntries(leftover) };
}

export type OpenLedger = { ledger: ImportLedger; leftover: Leftover };

/**
 * The ledger as the segments know it, and what stands behind its last batch. To be called when no segment of the node is open. A ledger that is
 * lost is made anew of all segments. Throws when it is damaged, and what the disk throws.
 */
export async function readLedger(planFolder: string, node: string): Promise<OpenLedger> {
  const ledger = await savedLedger(planFolder, node);
  const leftover: Leftover = new Map();
  const noted = ledger.batch;
  const news: z.infer<typeof markerSchema>['mistnet']['import'][] = [];
  let isBehindMarkers = true;
  for (const files of await segmentsOf(planFolder, node)) {
    const { markers, behind } = await readSegment(files);
    if (isBehindMarkers) for (const key of behind) leftover.set(key, (leftover.get(key) ?? 0) + 1);
    if (markers.length > 0) isBehindMarkers = false;
    news.push(...markers.filter(({ batch }) => batch > noted));
    if (markers.some(({ batch }) => batch <= noted)) break;
  }
  for (const { batch, sha256, source, leftover: before } of news.toSorted((a, b) => a.batch - b.batch)) {
    ledger.batch = batch;
    ledger.sources[sha256] = source;
    ledger.leftover = before;
  }
  for (const [key, times] of Object.entries(ledger.leftover ?? {})) leftover.set(key, (leftover.get(key) ?? 0) + times);
  return { ledger, leftover };
}

async function savedLedger(planFolder: string, node: string): Promise<ImportLedger> {
  try {
    return ledgerSchema.parse(JSON.parse(await readFile(importLedgerPath(planFolder, node), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { format: 1, batch: 0, sources: {} };
  }
}

/** All segments of the node, the last written first: hours say when posts were retrieved, numbers when they were written. */
async function segmentsOf(planFolder: string, node: string): Promise<SegmentFiles[]> {
  const found: SegmentFiles[] = [];
  for (const folder of await listHourFolders(planFolder))
    found.push(...(await listHourSegments('', folder)).filter((files) => files.node === node && files.sealed));
  return found.toSorted((a, b) => b.sequence - a.sequence);
}

async function readSegment(files: SegmentFiles) {
  const markers: z.infer<typeof markerSchema>['mistnet']['import'][] = [];
  let behind: string[] = [];
  const { path, within } = sealedPlace(files);
  for await (const frames of readFrames(path, 0, within))
    for (const { payload, session } of frames) {
      const marker = readMarker(payload);
      if (marker === undefined) behind.push(frameKey(session, payload));
      else {
        markers.push(marker);
        behind = [];
      }
    }
  return { markers, behind };
}

function readMarker(payload: Buffer): z.infer<typeof markerSchema>['mistnet']['import'] | undefined {
  if (!payload.subarray(0, 21).equals(MARKER_START)) return undefined;
  const parsed = markerSchema.safeParse(JSON.parse(payload.toString('utf8')));
  return parsed.success ? parsed.data.mistnet.import : undefined;
}

const MARKER_START = Buffer.from('{"mistnet":{"import":');
