/** Segments as capture leaves them, written at once and sealed by the real seal, for tests of what comes after capture. */
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeFrame, encodeFrameHead } from '../../src/capture/segment/format.ts';
import { countFrame, type FrameCounts, noFrames } from '../../src/capture/segment/frame-counts.ts';
import { hourFolder, makeSegmentName, OPEN_SUFFIX } from '../../src/capture/segment/layout.ts';
import type { Manifest } from '../../src/capture/segment/manifest.ts';
import { sealSegment } from '../../src/capture/segment/seal.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';

export type SegmentWish = {
  segmentsFolder: string;
  plan: string;
  node: string;
  openedAtMs: number;
  sequence: number;
  /** What arrived, in order; `atMs` by default one ms apart from the opening on. */
  frames: Iterable<{ payload: string | Buffer; atMs?: number; endpoint?: string }>;
};

const PIECES_PER_WRITE = 3000;

/** Writes an open segment; returns its path without suffix and what sealing needs. */
export async function writeOpenSegment(wish: SegmentWish): Promise<{ stem: string; counts: FrameCounts }> {
  const { segmentsFolder, plan, node, openedAtMs, sequence } = wish;
  const stem = join(hourFolder(join(segmentsFolder, plan), openedAtMs), makeSegmentName(node, openedAtMs, sequence));
  await mkdir(dirname(stem), { recursive: true });
  await using file = await open(`${stem}${OPEN_SUFFIX}`, 'wx');
  const counts = noFrames();
  let pieces: Buffer[] = [];
  for (const { payload, atMs, endpoint = 'sample' } of wish.frames) {
    const at = new Date(atMs ?? openedAtMs + counts.frames).toISOString();
    const bytes = Buffer.from(payload);
    pieces.push(...encodeFrame(encodeFrameHead({ at, platform: 'x', endpoint, session: 's1' }), bytes));
    countFrame(counts, at, classifyLine(bytes));
    if (pieces.length >= PIECES_PER_WRITE) {
      await file.appendFile(Buffer.concat(pieces));
      pieces = [];
    }
  }
  await file.appendFile(Buffer.concat(pieces));
  return { stem, counts };
}

/** Writes a segment and seals it; returns its path without suffix and its manifest. */
export async function writeSealedSegment(wish: SegmentWish): Promise<{ stem: string; manifest: Manifest }> {
  const { stem, counts } = await writeOpenSegment(wish);
  const manifest = await sealSegment({ stem, plan: wish.plan, counts, because: 'age' });
  return { stem, manifest };
}
