/** Lines of a file, packed or not, or of the standard input, in bounded memory. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { causeText, MistnetError } from '../core/errors.ts';
import { LineSplitter } from '../platforms/split-lines.ts';

const MAX_LINE_BYTES = 256 * 1024 * 1024;

/** Yields each line without its end, an unfinished last one too. `-` is the standard input; `.gz` and `.zst` are unpacked. Throws `folder.unreadable`. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  try {
    for await (const chunk of bytesOf(path)) {
      const lines: string[] = [];
      splitter.push(chunk, ({ bytes, from, to }) => lines.push(bytes.toString('utf8', from, to)));
      yield* lines;
    }
    const last = splitter.take();
    if (last.to > last.from) yield last.bytes.toString('utf8', last.from, last.to);
  } catch (error) {
    if (error instanceof MistnetError) throw error;
    const name = path === '-' ? 'The standard input' : path;
    throw new MistnetError('folder.unreadable', `${name} cannot be read: ${causeText(error)}.`, { cause: error });
  }
}

function bytesOf(path: string): AsyncIterable<Buffer> {
  if (path === '-') return process.stdin as AsyncIterable<Buffer>;
  const file = createReadStream(path);
  if (!path.endsWith('.gz') && !path.endsWith('.zst')) return file as AsyncIterable<Buffer>;
  const unpacked = path.endsWith('.gz') ? createGunzip() : createZstdDecompress();
  file.once('error', (error) => unpacked.destroy(error));
  return file.pipe(unpacked) as AsyncIterable<Buffer>;
}

/**
 * How many entries a plain file has, by its size and its beginning: exactly, where it is short; else good enough to say what it will take. Undefined
 * where nobody knows.
 */
export async function estimateEntries(
  path: string,
  entriesOf: (line: string) => readonly unknown[],
): Promise<number | undefined> {
  if (path === '-' || path.endsWith('.gz') || path.endsWith('.zst')) return undefined;
  const { size } = await stat(path).catch(() => ({ size: 0 })); // who reads it will say what is wrong with it
  let bytes = 0;
  let lines = 0;
  let entries = 0;
  for await (const line of readLines(path)) {
    bytes += Buffer.byteLength(line) + 1;
    lines += 1;
    entries += entriesOf(line).length;
    if (lines === SAMPLE_LINES) break;
  }
  return lines < SAMPLE_LINES ? entries : Math.round((entries * size) / bytes);
}

/** Reads the input to its end and counts what stands in its lines. */
export async function countEntries(path: string, entriesOf: (line: string) => readonly unknown[]): Promise<number> {
  let count = 0;
  for await (const line of readLines(path)) count += entriesOf(line).length;
  return count;
}

const SAMPLE_LINES = 1000;
