import type { Exchange } from './http/exchange.ts';
import type { Caller } from './credentials/caller.ts';

/**
 * What became of the calls of one endpoint by one caller. `refused`: by limits (429, 420); `failed`: other 4xx and 5xx;
 * `wasted`: both. With the endpoint's limit (`GET /_emulator/limits`) and the time between `firstAt` and `lastAt` this tells
 * how well a client used what it was allowed.
 */
export interface CallTruth {
  readonly method: string;
  readonly path: string;
  readonly caller: string;
  readonly made: number;
  readonly allowed: number;
  readonly refused: number;
  readonly failed: number;
  readonly wasted: number;
  /** ISO 8601, of the virtual clock. */
  readonly firstAt: string;
  readonly lastAt: string;
  readonly byStatus: Readonly<Record<string, number>>;
}

interface Tally {
  readonly method: string;
  readonly path: string;
  readonly caller: string;
  made: number;
  refused: number;
  failed: number;
  readonly firstAt: number;
  lastAt: number;
  readonly byStatus: Map<number, number>;
}

/** Counts every answered call but those to the emulator's own endpoints, for as long as it runs. */
export class Calls {
  readonly #now: () => number;
  readonly #tallies = new Map<string, Tally>();

  /** @param now virtual Unix ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  count(exchange: Exchange, status: number): void {
    const path = exchange.pattern === '' ? '(unknown)' : exchange.pattern;
    if (path.startsWith('/_emulator')) return;
    const method = exchange.request.method ?? '';
    const caller = nameOf(exchange.caller);
    const key = `${method} ${path} ${caller}`;
    const now = this.#now();
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      tally = { method, path, caller, made: 0, refused: 0, failed: 0, firstAt: now, lastAt: now, byStatus: new Map() };
      this.#tallies.set(key, tally);
    }
    tally.made++;
    tally.lastAt = now;
    if (status === 429 || status === 420) tally.refused++;
    else if (status >= 400) tally.failed++;
    tally.byStatus.set(status, (tally.byStatus.get(status) ?? 0) + 1);
  }

  tell(): CallTruth[] {
    return [...this.#tallies.values()].map(
      ({ method, path, caller, made, refused, failed, firstAt, lastAt, byStatus }) => ({
        method,
        path,
        caller,
        made,
        allowed: made - refused - failed,
        refused,
        failed,
        wasted: refused + failed,
        firstAt: new Date(firstAt).toISOString(),
        lastAt: new Date(lastAt).toISOString(),
        byStatus: Object.fromEntries(byStatus),
      }),
    );
  }
}

function nameOf(caller: Caller): string {
  switch (caller.kind) {
    case 'nobody':
      return 'nobody';
    case 'app':
      return `app ${caller.app.id}`;
    case 'user1':
    case 'user2':
      return `user ${caller.account} of app ${caller.app.id}`;
  }
}
