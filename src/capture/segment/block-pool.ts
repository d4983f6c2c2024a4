/** A piece of memory that frames are gathered in before they are written: `bytes[written..used)` waits. */
export type Block = { bytes: Buffer; used: number; written: number };

export const BLOCK_BYTES = 1024 * 1024;
const MAX_SPARE_BLOCKS = 4;

/**
 * Blocks used again and again by the segments of one stream. Without it each segment would leave its blocks to the garbage
 * collector, which sees a few small objects and lets them pile up to 64 MB.
 */
export class BlockPool {
  #spare: Block[] = [];

  /** An empty block with room for so many bytes. */
  take(bytes: number): Block {
    const spare = bytes <= BLOCK_BYTES ? this.#spare.pop() : undefined;
    return spare ?? { bytes: Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes)), used: 0, written: 0 };
  }

  /** Takes back a block that nobody uses any more. */
  giveBack(block: Block): void {
    if (block.bytes.length !== BLOCK_BYTES || this.#spare.length >= MAX_SPARE_BLOCKS) return;
    block.used = 0;
    block.written = 0;
    this.#spare.push(block);
  }
}
