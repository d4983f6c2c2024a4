/** The lines of an older collection's file, whatever it is called and packed with. */
import { open } from 'node:fs/promises';
import { readContent } from '../../capture/segment/content.ts';
import { causeText } from '../../core/errors.ts';
import { asUnreadable, isDecoderError, LineCutter } from '../../process/input-lines.ts';

/** `line` counts from 1, blank ones too; `bytes` without the line's end. */
export type SourceLine = { line: number; bytes: Buffer };

export type Packing = 'gz' | 'zst' | 'plain';

const CR = 13;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Yields the lines in lists of those of one chunk. Returns the decoder's reason when a packed file is cut or damaged: all that could be
 * unpacked was given before. Throws `folder.unreadable`.
 */
export async function* readSourceLines(path: string): AsyncGenerator<SourceLine[], string | undefined> {
  let found: SourceLine[] = [];
  let line = 0;
  const cutter = new LineCutter((bytes, from, to) => {
    line++;
    const start = line === 1 && bytes.compare(BOM, 0, 3, from, Math.min(from + 3, to)) === 0 ? from + 3 : from;
    const end = to > start && bytes[to - 1] === CR ? to - 1 : to;
    found.push({ line, bytes: bytes.subarray(start, end) });
  });
  let damage: string | undefined;
  try {
    for await (const chunk of readContent(path, await packingOf(path))) {
      cutter.push(chunk);
      if (found.length > 0) yield found;
      found = [];
    }
  } catch (error) {
    if (!isDecoderError(error)) throw asUnreadable(path, error);
    damage = causeText(error);
  }
  cutter.end();
  if (found.length > 0) yield found;
  return damage;
}

/** By the first bytes: names like `.twt` say nothing of it. Throws `folder.unreadable`. */
async function packingOf(path: string): Promise<Packing> {
  try {
    await using file = await open(path, 'r');
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer[0] === 0x1f && buffer[1] === 0x8b) return 'gz';
    return buffer.readUInt32LE(0) === 0xfd2fb528 ? 'zst' : 'plain';
  } catch (error) {
    throw asUnreadable(path, error);
  }
}
