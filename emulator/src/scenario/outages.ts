import type { OpenStreams } from '../api/open-streams.ts';
import type { VirtualClock } from '../clock.ts';
import { OWN } from '../http/dialect.ts';
import type { Gate } from '../http/router.ts';

/** From `from` until before `to` (virtual Unix ms) the platform answers 503; `cut`: open streams are reset when it begins. */
export interface Outage {
  readonly from: number;
  readonly to: number;
  readonly cut: boolean;
}

const LOOK_MS = 20;

/** Answers 503 for as long as an outage lasts; the emulator's own endpoints go on. */
export function outageGate(outages: readonly Outage[], clock: VirtualClock): Gate {
  return {
    admit(_exchange, { dialect }) {
      const now = clock.now();
      const isOut = dialect !== OWN && outages.some(({ from, to }) => from <= now && now < to);
      return isOut ? { refusal: dialect.refuse('unavailable') } : {};
    },
  };
}

/** Resets all streams when an outage begins. The caller disposes of it. */
export function watchOutages(outages: readonly Outage[], clock: VirtualClock, streams: OpenStreams): Disposable {
  const ahead = outages.filter(({ cut }) => cut).toSorted((a, b) => a.from - b.from);
  if (ahead.length === 0) return { [Symbol.dispose]: () => undefined };
  const timer = setInterval(() => {
    for (let next = ahead[0]; next !== undefined && next.from <= clock.now(); next = ahead[0]) {
      ahead.shift();
      for (const stream of streams) stream.destroy('cut');
    }
    if (ahead.length === 0) clearInterval(timer);
  }, LOOK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
