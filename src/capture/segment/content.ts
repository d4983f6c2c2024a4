/**
 * The plain content of a file, whatever it is packed with: `.zst` (all its frames: Node's decoder stops silently after the
 * first), `.gz` (all its members), anything else as it is.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { pipeline } from 'node:stream';

const CHUNK_BYTES = 256 * 1024;

/**
 * Yields the content in order, chunks of at most a few hundred KiB. A packed file that ends too early yields all that could
 * be unpacked and then throws the decoder's error (`Z_BUF_ERROR`, `ZSTD_error_…`): whoever reads decides what a cut is worth.
 * `packedAs` is the name's ending unless said otherwise. `start` skips that many bytes of a file that is not packed.
 */
export async function* readContent(
  path: string,
  packedAs = path.slice(path.lastIndexOf('.') + 1),
  start = 0,
): AsyncGenerator<Buffer> {
  if (packedAs === 'zst') yield* readZstd(path);
  else if (packedAs === 'gz') yield* unpack(path, 0, createGunzip({ chunkSize: CHUNK_BYTES }));
  else yield* createReadStream(path, { start, highWaterMark: CHUNK_BYTES });
}

async function* readZstd(path: string): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  for (let at = 0; at < size; ) {
    const decoder = createZstdDecompress({ chunkSize: CHUNK_BYTES });
    yield* unpack(path, at, decoder);
    if (decoder.bytesWritten === 0) return;
    at += decoder.bytesWritten; // the bytes of this frame alone, so the next one starts here
  }
}

async function* unpack(
  path: string,
  start: number,
  decoder: NodeJS.ReadWriteStream & AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { start, highWaterMark: CHUNK_BYTES });
  let failure: Error | undefined;
  const joined = pipeline(source, decoder as never, (error: Error | null) => {
    failure = error ?? undefined;
  }) as unknown as AsyncIterable<Buffer>;
  try {
    for await (const chunk of joined) yield chunk;
  } finally {
    source.destroy();
  }
  if (failure !== undefined) throw failure;
}
