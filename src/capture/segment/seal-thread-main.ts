/** What runs in the sealing thread: a request in, a manifest or a failure out. */
import { parentPort } from 'node:worker_threads';
import { sealSegment } from './seal.ts';
import type { ThreadAnswer, ThreadRequest } from './seal-thread.ts';

parentPort?.on('message', (request: ThreadRequest) => {
  sealSegment(request).then(
    (manifest) => answer({ manifest }),
    (error: NodeJS.ErrnoException) =>
      answer({ failure: { message: error.message, ...(error.code === undefined ? {} : { code: error.code }) } }),
  );
});

function answer(message: ThreadAnswer): void {
  parentPort?.postMessage(message);
}
