/** Seals in a thread of its own: packing and digesting take a tenth of a second per segment, and the stream is read meanwhile. */
import { Worker } from 'node:worker_threads';
import type { Manifest } from './manifest.ts';
import type { SealRequest } from './seal.ts';

/** What the thread answers; `code` is the system's or ours. */
export type ThreadAnswer = { manifest: Manifest } | { failure: { message: string; code?: string } };

export class SealThread {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Like `sealSegment`, one after the other. Rejects with an error that carries the original's message and `code`. */
  seal(request: SealRequest): Promise<Manifest> {
    const sealed = this.#last.then(() => this.#ask(request));
    this.#last = sealed.catch(() => undefined); // whoever asked hears of it
    return sealed;
  }

  /** Waits for what was asked for and ends the thread; the next `seal` starts another. */
  async close(): Promise<void> {
    await this.#last;
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #ask(request: SealRequest): Promise<Manifest> {
    const worker = (this.#worker ??= startThread());
    return new Promise((resolve, reject) => {
      const settle = (error: Error | undefined, answer?: ThreadAnswer) => {
        worker.off('message', onMessage);
        worker.off('error', onError);
        worker.off('exit', onExit);
        worker.unref();
        if (answer !== undefined && 'manifest' in answer) return resolve(answer.manifest);
        if (answer === undefined) this.#worker = undefined; // it is gone; the next seal starts another
        const { message, ...more } = answer?.failure ?? { message: error?.message ?? '' };
        reject(error ?? Object.assign(new Error(message), more));
      };
      const onMessage = (answer: ThreadAnswer) => settle(undefined, answer);
      const onError = (error: Error) => settle(error);
      const onExit = () => settle(new Error('the sealing thread ended'));
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.on('exit', onExit);
      worker.ref();
      worker.postMessage(request);
    });
  }
}

function startThread(): Worker {
  return new Worker(new URL('./seal-thread-main.ts', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
}
