/**
 * The plain content of a file, whatever it is packed with: `.zst` (all its frames: Node's decoder stops silently after the
 * first), `.gz` (all its members), anything else as it is.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
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
  else if (packedAs === 'gz') yield* unpack(path, 0, createGunzip({ chunkSize: CHUNK_BYTES }), flushGzip);
  else yield* createReadStream(path, { start, highWaterMark: CHUNK_BYTES });
}

async function* readZstd(path: string): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  for (let at = 0; at < size; ) {
    const decoder = createZstdDecompress({ chunkSize: CHUNK_BYTES });
    yield* unpack(path, at, decoder, flushZstd);
    if (decoder.bytesWritten === 0) return;
    at += decoder.bytesWritten; // the bytes of this frame alone, so the next one starts here
  }
}

type Decoder = NodeJS.ReadWriteStream & AsyncIterable<Buffer>;

/** Decoders that give all they have where the file ends, and take that for its end. */
const flushGzip = () => createGunzip({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
const flushZstd = () => createZstdDecompress({ chunkSize: CHUNK_BYTES, finishFlush: constants.ZSTD_e_flush });

/**
 * A stream that fails forgets what it had unpacked and not yet handed on: at the cut of a file that is up to a chunk, more or less by
 * chance. So a cut file is unpacked once more, by a decoder that does not fail there, to give what is missing before the failure is told.
 */
async function* unpack(
  path: string,
  start: number,
  decoder: Decoder,
  makeFlushing: () => Decoder,
): AsyncGenerator<Buffer> {
  let failure: NodeJS.ErrnoException | undefined;
  let given = 0;
  for await (const chunk of decode(path, start, decoder, (error) => {
    failure = error;
  })) {
    given += chunk.length;
    yield chunk;
  }
  if (failure === undefined) return;
  if (failure.code === 'Z_BUF_ERROR') {
    let skip = given;
    for await (const chunk of decode(path, start, makeFlushing(), () => {})) {
      if (chunk.length > skip) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  }
  throw failure;
}

/** What a decoder gives until its end or failure, which is told to `onFailure` and not thrown. */
async function* decode(
  path: string,
  start: number,
  decoder: Decoder,
  onFailure: (error: NodeJS.ErrnoException) => void,
): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { start, highWaterMark: CHUNK_BYTES });
  const joined = pipeline(source, decoder as never, () => {}) as unknown as AsyncIterable<Buffer>;
  const chunks = joined[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next();
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    onFailure(error as NodeJS.ErrnoException);
  } finally {
    source.destroy();
  }
}
