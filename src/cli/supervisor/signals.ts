/** SIGINT and SIGTERM: the first ends everything in order, a second forces it when it comes more than 2 s later. */
export type SignalWatch = {
  /** Aborted by the first signal. */
  signal: AbortSignal;
  /** Aborted by a second one. */
  forced: AbortSignal;
};

/** Terminals and process managers send the first signal twice now and then, within moments. */
const FORCE_AFTER_MS = 2000;

/** Watches from now on, for as long as the process lives. */
export function watchSignals(say: (sentence: string) => void): SignalWatch {
  const orderly = new AbortController();
  const forced = new AbortController();
  let firstAt = 0;
  const onSignal = (name: NodeJS.Signals) => {
    if (!orderly.signal.aborted) {
      firstAt = performance.now();
      say('Ending: sealing segments, closing the database …');
      orderly.abort(name);
    } else if (performance.now() - firstAt > FORCE_AFTER_MS && !forced.signal.aborted) {
      say('Forced: killing what is left. Nothing that was written is lost; the next start recovers.');
      forced.abort(name);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return { signal: orderly.signal, forced: forced.signal };
}
