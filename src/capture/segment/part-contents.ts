import { readContent } from './content.ts';
import type { ContentRange } from './layout.ts';

/** A file unpacked up to `at`; `rest` came with it and is not used yet. */
type OpenContent = { path: string; at: number; rest: Buffer; chunks: AsyncGenerator<Buffer> };

/** So many files stay open between the parts: about one for each that reads. */
const LEFT_OPEN = 2;

/**
 * Contents of compacted files, left open where the last part that was read ended. A packed file can be unpacked from its beginning alone; who
 * reads its parts one after the other, as a rebuild does, would unpack half of it for each. Whoever makes one disposes of it.
 */
export class PartContents implements AsyncDisposable {
  readonly #left: OpenContent[] = [];

  /** The chunks of one stretch. Ends early where the file does; throws what `readContent` throws. */
  async *read(path: string, { start, bytes }: ContentRange): AsyncGenerator<Buffer> {
    const content = this.#take(path, start) ?? { path, at: 0, rest: Buffer.alloc(0), chunks: readContent(path) };
    const end = start + bytes;
    try {
      while (content.at < end) {
        if (content.rest.length === 0) {
          const next = await content.chunks.next();
          if (next.done === true) return;
          content.rest = next.value;
        }
        const skipped = Math.min(content.rest.length, Math.max(0, start - content.at));
        const to = Math.min(content.rest.length, end - content.at);
        const piece = content.rest.subarray(skipped, to);
        content.rest = content.rest.subarray(to);
        content.at += to;
        if (piece.length > 0) yield piece;
      }
    } finally {
      if (content.at >= end) this.#left.push(content);
      else await content.chunks.return(undefined);
      if (this.#left.length > LEFT_OPEN) await this.#left.shift()?.chunks.return(undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { chunks } of this.#left.splice(0)) await chunks.return(undefined);
  }

  /** The one that is open nearest before a position. */
  #take(path: string, start: number): OpenContent | undefined {
    const near = this.#left.filter((content) => content.path === path && content.at <= start);
    const nearest = near.reduce<OpenContent | undefined>((a, b) => (a === undefined || b.at > a.at ? b : a), undefined);
    if (nearest !== undefined) this.#left.splice(this.#left.indexOf(nearest), 1);
    return nearest;
  }
}
