import { type Frame, decodeFrame } from './format.ts';
import { readContent } from './content.ts';
import { type ContentRange, OPEN_SUFFIX } from './layout.ts';
import { PartContents } from './part-contents.ts';

/** Where reading ended and why: `torn` bytes are the start of a frame whose rest is not there (yet). */
export type ReadEnd = { end: number; torn: number; damaged?: { offset: number; reason: string } };

/**
 * The frames of a segment, open or sealed, from content position `from` on, in batches of one chunk each.
 * Payloads point into the batch's buffer: use or copy them before asking for the next batch.
 * `within`: the segment is that stretch of the content of a compacted file; positions count from its start. Who reads many
 * of them hands in `contents`.
 * Returns where it stopped: at a torn tail (normal for an open segment: come back later from `end`) or at bytes that are no
 * frame (`damaged`; nothing after them is guessed). Throws what the file system or the decoder throws.
 */
export async function* readFrames(
  path: string,
  from = 0,
  within?: ContentRange,
  contents?: PartContents,
): AsyncGenerator<Frame[], ReadEnd> {
  let rest: Buffer = Buffer.alloc(0);
  // An open segment is followed as it grows: its beginning is not read again each time.
  let base = path.endsWith(OPEN_SUFFIX) ? from : 0;
  for await (const chunk of contentOf(path, base, within, contents)) {
    const skip = Math.min(chunk.length, Math.max(0, from - base - rest.length));
    if (skip > 0) {
      base += skip;
      if (skip === chunk.length) continue;
    }
    const fresh = skip === 0 ? chunk : chunk.subarray(skip);
    const buffer = rest.length === 0 ? fresh : Buffer.concat([rest, fresh]);
    const frames: Frame[] = [];
    let at = 0;
    while (at < buffer.length) {
      const found = decodeFrame(buffer, at, base);
      if (found.kind === 'incomplete') break;
      if (found.kind === 'damaged') {
        if (frames.length > 0) yield frames;
        return { end: base + at, torn: 0, damaged: { offset: base + at, reason: found.reason } };
      }
      frames.push(found.frame);
      at = found.frame.end - base;
    }
    rest = buffer.subarray(at);
    base += at;
    if (frames.length > 0) yield frames;
  }
  return { end: base, torn: rest.length };
}

function contentOf(
  path: string,
  start: number,
  within: ContentRange | undefined,
  contents: PartContents | undefined,
): AsyncGenerator<Buffer> {
  if (within === undefined) return readContent(path, undefined, start);
  return contents === undefined ? readPart(path, within) : contents.read(path, within);
}

/** The chunks of one stretch of a packed file's content. What lies before it has to be unpacked too, what lies behind has not. */
async function* readPart(path: string, within: ContentRange): AsyncGenerator<Buffer> {
  await using contents = new PartContents();
  yield* contents.read(path, within);
}
