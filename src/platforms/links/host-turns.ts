/** Manners: a host gets one request at a time, and a pause between the end of one and the beginning of the next. */

export type Waiting = { monotonicMs: () => number; sleep: (ms: number, signal: AbortSignal) => Promise<void> };

export type HostTurns = {
  /** Waits for the host's turn, works, gives it on. Throws what the work throws, and the signal's reason while it waits. */
  take<Result>(host: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
};

/** `gapMs`: between two requests to one host. */
export function createHostTurns({ gapMs, monotonicMs, sleep }: Waiting & { gapMs: number }): HostTurns {
  /** The end of the last turn that was asked for; it tells when that was. Hosts that nobody waits for are forgotten after their pause. */
  const lastTurns = new Map<string, Promise<number>>();
  return {
    take: async (host, signal, work) => {
      const before = lastTurns.get(host);
      const { promise: ended, resolve: end } = Promise.withResolvers<number>();
      lastTurns.delete(host); // so that the order is that of use
      lastTurns.set(host, ended);
      let endedMs = Number.NEGATIVE_INFINITY;
      try {
        if (before !== undefined) {
          endedMs = await before;
          const leftMs = endedMs + gapMs - monotonicMs();
          if (leftMs > 0) await sleep(leftMs, signal);
        }
        signal.throwIfAborted();
        try {
          return await work();
        } finally {
          endedMs = monotonicMs();
        }
      } finally {
        end(endedMs); // who never began passes on when the one before ended
        if (lastTurns.size > MANY_HOSTS) forgetRested(lastTurns, host);
      }
    },
  };
}

/** So many hosts may be remembered before those that rest are looked for. */
const MANY_HOSTS = 10_000;

/** The half that was used longest ago: thousands of others had their turns since. */
function forgetRested(lastTurns: Map<string, Promise<number>>, but: string): void {
  let left = MANY_HOSTS / 2;
  for (const host of lastTurns.keys()) {
    if (left-- <= 0) return;
    if (host !== but) lastTurns.delete(host);
  }
}
