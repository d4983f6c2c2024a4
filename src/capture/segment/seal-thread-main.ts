/** What runs in the sealing thread: a request in, a manifest or a failure out. */
import { parentPort } from 'node:worker_threads';
import { makeSealMemory, type SealRequest, sealSegment } from './seal.ts';
import type { ThreadAnswer } from './seal-thread.ts';

/** Enough for a segment of the usual size; requests come one after the other. */
const memory = makeSealMemory(16 * 1024 * 1024);

parentPort?.on('message', (request: SealRequest) => {
  sealSegment(request, memory).then(
    (manifest) => answer({ manifest }),
    (error: NodeJS.ErrnoException) =>
      answer({ failure: { message: error.message, ...(error.code === undefined ? {} : { code: error.code }) } }),
  );
});

function answer(message: ThreadAnswer): void {
  parentPort?.postMessage(message);
}
