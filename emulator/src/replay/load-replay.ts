import { open } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { indexRecording, type Recording, toCrlf } from './recording.ts';
import { isStreamLine, parseLossless, postsInRecording } from './posts-in-recording.ts';
import { LINE_END } from '../feed/feed.ts';

/** A recording can't be used; the message is a sentence that names the file. */
export class ReplayError extends Error {}

/** So many lines are looked at to tell what kind of file it is. */
const LINES_LOOKED_AT = 100;
const LF = 0x0a;
const GZIP_MAGIC = 0x1f8b;

/**
 * Reads recordings, in the order given, into one. Files of stream lines are taken as they are; in other recordings each
 * post becomes a line. Gzipped files are unpacked first, Twittomatic's `.twt` among them. Files without any post are skipped and told. Throws ReplayError for a file that can't be read.
 */
export async function loadReplay(files: readonly string[], tell: (sentence: string) => void): Promise<Recording> {
  const parts: Buffer[] = [];
  for (const file of files) {
    const lines = linesOf(file, await readWhole(file));
    if (lines.length > 0) parts.push(lines);
    else tell(`skipped ${file}: no posts found in it.`);
  }
  const [only] = parts;
  // Not concatenated when there is one: it may be most of a gigabyte.
  return indexRecording(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts));
}

function linesOf(file: string, bytes: Buffer): Buffer {
  const lines = firstLines(bytes);
  const [first] = lines;
  if (first === undefined) return bytes.subarray(0, 0);
  // Where the first line isn't whole JSON, the file is one document (or a stream whose first line is broken).
  const document = lines.length > 1 && isJson(first) ? undefined : wholeDocument(file, bytes);
  if (document !== undefined && !(lines.length === 1 && isStreamLine(document)))
    return toLines(postsInRecording(document));
  if (lines.some((line) => isStreamLine(tryParse(line)))) return toCrlf(bytes);
  return toLines(postsOfLines(bytes));
}

function* postsOfLines(bytes: Buffer): Generator<string> {
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf(LF, from);
    const end = at < 0 ? bytes.length : at;
    const document = tryParse(bytes.toString('utf8', from, end));
    if (document !== undefined) yield* postsInRecording(document);
    from = end + 1;
  }
}

function toLines(posts: Iterable<string>): Buffer {
  const lines: Buffer[] = [];
  for (const post of posts) lines.push(Buffer.from(post + LINE_END));
  return Buffer.concat(lines);
}

/** The first lines that aren't blank. */
function firstLines(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length && lines.length < LINES_LOOKED_AT; ) {
    const at = bytes.indexOf(LF, from);
    const end = at < 0 ? bytes.length : at;
    // A line of more than 64 MB is no stream line, and a whole document is read elsewhere.
    const line = bytes.toString('utf8', from, Math.min(end, from + 0x400_0000)).trim();
    if (line !== '') lines.push(line);
    from = end + 1;
  }
  return lines;
}

/** The file as one JSON document, undefined when it isn't one. */
function wholeDocument(file: string, bytes: Buffer): unknown {
  let text: string;
  try {
    text = bytes.toString('utf8');
  } catch (error) {
    throw new ReplayError(`${file} is one JSON document of ${bytes.length} bytes; that is too long to be read whole.`, {
      cause: error,
    });
  }
  return tryParse(text);
}

function tryParse(text: string): unknown {
  try {
    return parseLossless(text.replace(/^\uFEFF/, ''));
  } catch {
    // Not JSON: whoever asks decides what that means.
    return undefined;
  }
}

function isJson(text: string): boolean {
  return tryParse(text) !== undefined;
}

/** By pieces, for readFile() ends at 2 GiB. */
async function readWhole(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file);
    const stat = await handle.stat();
    if (!stat.isFile()) throw new ReplayError(`${file} is not a file.`);
    const bytes = Buffer.allocUnsafeSlow(stat.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, Math.min(bytes.length - filled, 0x4000_0000));
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    const whole = bytes.subarray(0, filled);
    return filled > 1 && whole.readUInt16BE(0) === GZIP_MAGIC ? gunzipSync(whole) : whole;
  } catch (error) {
    if (error instanceof ReplayError) throw error;
    throw new ReplayError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
}
