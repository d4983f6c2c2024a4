/** A segment's frames as batches, from a content offset on. */
import type { Frame } from '../../capture/segment/format.ts';
import type { ContentRange } from '../../capture/segment/layout.ts';
import type { PartContents } from '../../capture/segment/part-contents.ts';
import { type ReadEnd, readFrames } from '../../capture/segment/read-frames.ts';
import { causeText } from '../../core/errors.ts';
import { Batch, type FrameOwners } from './batch.ts';

export type BatchLimits = {
  /** Frames in one transaction. */
  frames: number;
  /** Encoded bytes after which a batch ends even if it has fewer frames. */
  bytes: number;
};

export type BatchSource = {
  path: string;
  within?: ContentRange;
  segmentId: number;
  collectionIds: number[];
  /** Of a shared stream: tells whose each frame is, brought up to date after each read. */
  owners?: FrameOwners & { refresh(): Promise<void> };
  offset: number;
};

/**
 * Yields batches in order; returns where and why reading ended. A packed file that cannot be unpacked to its end is `damaged`
 * there; errors of the file system are thrown.
 */
export async function* readBatches(
  source: BatchSource,
  limits: BatchLimits,
  contents: PartContents,
): AsyncGenerator<Batch, ReadEnd> {
  const reader = readFrames(source.path, source.offset, source.within, contents);
  let batch = new Batch({ ...source, start: source.offset });
  try {
    for (;;) {
      const next = await nextFrames(reader, batch.end);
      if (next.end !== undefined) {
        batch.close();
        if (batch.frames > 0) yield batch;
        return next.end;
      }
      if (source.owners !== undefined) await source.owners.refresh();
      for (const frame of next.frames) {
        batch.add(frame);
        if (batch.frames < limits.frames && batch.bytes < limits.bytes) continue;
        batch.close();
        yield batch;
        batch = new Batch({ ...source, start: batch.end });
      }
    }
  } finally {
    await reader.return({ end: batch.end, torn: 0 }); // closes the file when we stop early
  }
}

/** The first frame from an offset on; undefined when there is none. */
export async function readFirstFrame(
  { path, within }: Pick<BatchSource, 'path' | 'within'>,
  offset: number,
): Promise<Frame | undefined> {
  for await (const frames of readFrames(path, offset, within)) return frames[0];
  return undefined;
}

type Frames = { frames: Frame[]; end?: undefined } | { end: ReadEnd };

async function nextFrames(reader: AsyncGenerator<Frame[], ReadEnd>, at: number): Promise<Frames> {
  try {
    const { done, value } = await reader.next();
    return done === true ? { end: value } : { frames: value };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string' || !/^(Z_|ZSTD_)/.test(code)) throw error;
    return { end: { end: at, torn: 0, damaged: { offset: at, reason: `cannot be unpacked: ${causeText(error)}` } } };
  }
}
