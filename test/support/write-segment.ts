/** Segments written by the real writer and sealed by the real seal, for tests of what comes after capture. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OpenSegment } from '../../src/capture/segment/open-segment.ts';
import { encodeFrameHead } from '../../src/capture/segment/format.ts';
import { hourFolder, makeSegmentName } from '../../src/capture/segment/layout.ts';
import type { Manifest } from '../../src/capture/segment/manifest.ts';
import { sealSegment } from '../../src/capture/segment/seal.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';

export type SegmentWish = {
  segmentsFolder: string;
  plan: string;
  node: string;
  openedAtMs: number;
  sequence: number;
  /** What arrived, in order; `at` in ms, by default one ms apart from the opening on. */
  frames: Iterable<{ payload: string | Buffer; atMs?: number }>;
};

/** Writes an open segment; returns its path without suffix and what sealing needs. */
export async function writeOpenSegment(wish: SegmentWish): Promise<{ stem: string; segment: OpenSegment }> {
  const { segmentsFolder, plan, node, openedAtMs, sequence } = wish;
  const folder = hourFolder(join(segmentsFolder, plan), openedAtMs);
  const stem = join(folder, makeSegmentName(node, openedAtMs, sequence));
  await mkdir(dirname(stem), { recursive: true });
  let trouble: string | undefined;
  const onTrouble = (reason: string | undefined) => {
    trouble = reason;
  };
  const segment = new OpenSegment({ stem, openedAtMs, onTrouble, onWritten: () => {} });
  let count = 0;
  for (const { payload, atMs } of wish.frames) {
    const at = new Date(atMs ?? openedAtMs + count++).toISOString();
    const head = encodeFrameHead({ at, platform: 'x', endpoint: 'sample', session: 's1' });
    const bytes = Buffer.from(payload);
    segment.append(head, at, bytes, classifyLine(bytes));
    if (segment.waitingBytes > 16 * 1024 * 1024) await segment.flush();
  }
  await segment.close();
  if (trouble !== undefined) throw new Error(`the segment could not be written: ${trouble}`);
  return { stem, segment };
}

/** Writes a segment and seals it; returns its path without suffix and its manifest. */
export async function writeSealedSegment(wish: SegmentWish): Promise<{ stem: string; manifest: Manifest }> {
  const { stem, segment } = await writeOpenSegment(wish);
  const manifest = await sealSegment({ stem, plan: wish.plan, counts: segment.counts, because: 'age' });
  return { stem, manifest };
}
