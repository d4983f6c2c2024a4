/**
 * The lines of a compacted file as if its segments still had files of their own: same names, same digests, same numbers of lines. So a dataset
 * built from either is the same, and one that was built before is known again.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { readContent } from '../capture/segment/content.ts';
import { MANIFEST_SUFFIX, parseCompactedName, SEALED_SUFFIX } from '../capture/segment/layout.ts';
import { type CompactedPart, readCompactedManifest } from '../capture/segment/manifest.ts';
import { causeText } from '../core/errors.ts';
import { asUnreadable, type InputDigest, isDecoderError, LineCutter, type OnLine } from './input-lines.ts';

/** The segments in a file, in order; undefined when it is no compacted file or its manifest cannot be read: then it is a file like others. */
export async function partsOfFile(path: string): Promise<CompactedPart[] | undefined> {
  const stem = path.endsWith(SEALED_SUFFIX) ? path.slice(0, -SEALED_SUFFIX.length) : '';
  if (parseCompactedName(basename(stem)) === undefined) return undefined;
  return await readCompactedManifest(`${stem}${MANIFEST_SUFFIX}`).then(
    ({ parts }) => parts,
    () => undefined,
  );
}

/** The file that a part was. */
export function fileOfPart(path: string, { segment }: CompactedPart): string {
  return join(dirname(path), `${segment}${SEALED_SUFFIX}`);
}

/**
 * Like `readInputLines`, with `onPart` before each part's lines and a digest of each: that of the file it was, with `damaged` where its content
 * is not what the manifest says.
 */
export async function readPartLines(
  path: string,
  parts: CompactedPart[],
  {
    onPart,
    onLine,
    afterChunk,
  }: { onPart: (part: CompactedPart) => void; onLine: OnLine; afterChunk: (contentBytes: number) => Promise<void> },
): Promise<InputDigest[]> {
  const reader = new PartReader(parts, onPart, onLine);
  try {
    for await (const chunk of readContent(path)) {
      reader.push(chunk);
      await afterChunk(chunk.length);
    }
  } catch (error) {
    if (!isDecoderError(error)) throw asUnreadable(path, error);
    return reader.end(causeText(error));
  }
  return reader.end('it ends too early');
}

class PartReader {
  readonly #digests: InputDigest[] = [];
  readonly #parts: CompactedPart[];
  readonly #onPart: (part: CompactedPart) => void;
  readonly #lines: LineCutter;
  #hash = createHash('sha256');
  #at = 0;

  constructor(parts: CompactedPart[], onPart: (part: CompactedPart) => void, onLine: OnLine) {
    this.#parts = parts;
    this.#onPart = onPart;
    this.#lines = new LineCutter(onLine);
  }

  push(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      const part = this.#parts[this.#digests.length];
      if (part === undefined) return; // more than its manifest knows of: no line of ours
      if (this.#at === part.offset) this.#onPart(part);
      const piece = chunk.subarray(from, from + part.offset + part.bytes - this.#at);
      this.#hash.update(piece);
      this.#lines.push(piece);
      this.#at += piece.length;
      from += piece.length;
      if (this.#at === part.offset + part.bytes) this.#close(part);
    }
  }

  /** `why` the parts that did not come whole did not. */
  end(why: string): InputDigest[] {
    this.#lines.end();
    const missing = this.#parts.slice(this.#digests.length);
    return [...this.#digests, ...missing.map((part) => ({ ...digestOf(part), damaged: why }))];
  }

  #close(part: CompactedPart): void {
    this.#lines.end();
    const isWhole = this.#hash.digest('hex') === part.contentSha256;
    this.#hash = createHash('sha256');
    const damaged = isWhole ? {} : { damaged: 'its content is not what the manifest says' };
    this.#digests.push({ ...digestOf(part), ...damaged });
  }
}

function digestOf({ compressedBytes, sha256 }: CompactedPart): InputDigest {
  return { bytes: compressedBytes, sha256 };
}
