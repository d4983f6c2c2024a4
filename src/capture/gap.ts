/** Gaps: intervals in which a stream was not listened to, kept as JSON lines in `segments/<plan>/gaps.jsonl` beside the data. */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { crashPoint } from '../core/crash-point.ts';
import { syncFolder } from './durable-file.ts';

const LF = 10;

export const gapCauses = [
  'cut',
  'stall',
  'ended',
  'disconnect',
  'refused',
  'unreachable',
  'restart',
  'paused',
  'disk',
  // older than the platform shows
  'horizon',
  // an account went out of sight before all of its timeline was read
  'account-unreadable',
] as const;
export type GapCause = (typeof gapCauses)[number];

/**
 * One interruption: nothing was heard from `from` (last byte) to `to` (connected again). `backfilledFrom`: from this instant on the
 * platform sent again what was missed; absent when it could not. `uncoveredMs`: what is missing for good, from `from` to
 * `backfilledFrom` or `to`; 0 when all was back-filled. `evidence`: what was seen, one sentence.
 */
export const gapSchema = z.object({
  gapId: z.string(),
  plan: z.string(),
  node: z.string(),
  from: z.string(),
  to: z.string(),
  cause: z.enum(gapCauses),
  evidence: z.string(),
  backfilledFrom: z.string().optional(),
  uncoveredMs: z.number().int().nonnegative(),
});

export type Gap = z.infer<typeof gapSchema>;

/** Appends a gap and returns when it is on the disk. What a kill or a full disk left of a line before it is cut off. */
export async function appendGap(path: string, gap: Gap): Promise<void> {
  await using file = await open(path, 'a+', 0o644);
  const { size } = await file.stat();
  await cutTornLine(file, size);
  const whole = (await file.stat()).size;
  try {
    await file.appendFile(`${JSON.stringify(gap)}\n`);
    await file.datasync();
  } catch (error) {
    await file.truncate(whole).catch(() => undefined); // it will be appended again; what stays of it is cut off then
    throw error;
  }
  if (size === 0) await syncFolder(dirname(path));
  // crash point gap.recorded: recovery must keep the gap, and when nothing came after it record the silence anew, whole.
  crashPoint('gap.recorded');
}

/** The gap of a torn line is not lost: it had not ended for its session, so the next start records the silence anew. */
async function cutTornLine(file: FileHandle, size: number): Promise<void> {
  const last = Buffer.alloc(1);
  if (size === 0 || (await file.read(last, 0, 1, size - 1), last[0] === LF)) return;
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, 0);
  await file.truncate(bytes.lastIndexOf(LF) + 1);
}

/** All gaps of a file, oldest first; none when the file is missing. A torn last line (killed while writing) is left out. */
export async function readGaps(path: string): Promise<Gap[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => gapSchema.parse(JSON.parse(line)));
}
