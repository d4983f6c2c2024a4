/** One worker process of `permits-workers.ts`: calls as fast as it gets leave, until the given instant. Settings come as JSON in the one argument. */
import { randomUUID } from 'node:crypto';
import { type SharedPermitsOptions, sharePermits } from '../src/jobs/permits/shared-permits.ts';
import type { CallOutcome, PermitWish } from '../src/platforms/permit-source.ts';
import { openDatabase } from '../src/store/db.ts';

export type WorkerSettings = {
  databaseUrl: string;
  apiUrl: string;
  accountId: string;
  tokens: string[];
  windowMs: number;
  /** What is thought to be published. */
  limit: number;
  inFlight: number;
  untilMs: number;
};

export type CountedWindow = { credential: string; resetAtMs: number; calls: number; firstAtMs: number };

export type WorkerResult = {
  statuses: Record<string, number>;
  windows: CountedWindow[];
  visits: number;
  troubles: string[];
  cpuMs: number;
};

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const worker = randomUUID();
await using db = await openDatabase(settings.databaseUrl, { max: 2, applicationName: 'bench permits' });
let visits = 0;
const counted: SharedPermitsOptions['db'] = Object.assign(Object.create(db), {
  transaction: async (work: Parameters<typeof db.transaction>[0]) => {
    visits++;
    return await db.transaction(work);
  },
});
const statuses: Record<string, number> = {};
/** Calls that were allowed, by credential and window. */
const windows = new Map<string, CountedWindow>();
const troubles: string[] = [];
const stop = AbortSignal.timeout(settings.untilMs - Date.now());
{
  await using permits = sharePermits({
    db: counted,
    databaseUrl: settings.databaseUrl,
    node: `bench-${process.pid}`,
    worker,
    clock: { now: () => performance.timeOrigin + performance.now() },
    credentials: async () =>
      settings.tokens.map((token, index) => ({
        label: `key-${index}`,
        kind: 'app' as const,
        level: 'open',
        authorization: () => `Bearer ${token}`,
      })),
    log: {
      debug: () => {},
      info: () => {},
      warn: (fields, event) => troubles.push(`${event} ${JSON.stringify(fields)}`),
      error: () => {},
    },
  });
  const source = permits.sourceFor({ collection: 'bench' });
  const wish: PermitWish = {
    limit: { endpoint: 'GET /2/users/:id/tweets', windowMs: settings.windowMs, app: settings.limit, user: undefined },
    reserve: { resource: 'post', atMost: 5 },
  };
  await Promise.all(
    Array.from({ length: settings.inFlight }, async () => {
      while (!stop.aborted) {
        const permit = await source.acquire(wish, stop).catch((reason: unknown) => {
          if (stop.aborted) return undefined;
          throw reason;
        });
        if (permit === undefined) return;
        const url = new URL(`/2/users/${settings.accountId}/tweets?max_results=5`, settings.apiUrl);
        const sentAtMs = Date.now();
        const outcome = await call(url, permit.authorization({ method: 'GET', url }));
        statuses[outcome.status] = (statuses[outcome.status] ?? 0) + 1;
        if (outcome.status === 200) count(permit.credential, outcome.resetAtMs ?? 0, sentAtMs);
        await permit.settle(outcome);
      }
    }),
  );
}
const { user, system } = process.cpuUsage();
const result: WorkerResult = {
  statuses,
  windows: [...windows.values()],
  visits,
  troubles,
  cpuMs: Math.round((user + system) / 1000),
};
process.stdout.write(`${JSON.stringify(result)}\n`);

function count(credential: string, resetAtMs: number, sentAtMs: number): void {
  const key = `${credential} ${resetAtMs}`;
  const window = windows.get(key) ?? { credential, resetAtMs, calls: 0, firstAtMs: sentAtMs };
  windows.set(key, { ...window, calls: window.calls + 1, firstAtMs: Math.min(window.firstAtMs, sentAtMs) });
}

async function call(url: URL, authorization: string): Promise<CallOutcome> {
  try {
    const response = await fetch(url, { headers: { authorization } });
    await response.arrayBuffer();
    const number = (name: string) => {
      const text = response.headers.get(name);
      return text === null ? undefined : Number(text);
    };
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => number(`x-rate-limit-${name}`));
    return {
      status: response.status,
      billed: 0,
      ...(limit === undefined ? {} : { limit }),
      ...(remaining === undefined ? {} : { remaining }),
      ...(reset === undefined ? {} : { resetAtMs: reset * 1000 }),
      platformNowMs: Date.parse(response.headers.get('date') ?? ''),
      ...(response.status === 429 ? { refusal: 'rate-limited' as const } : {}),
    };
  } catch {
    return { status: 'no-answer', billed: 0 }; // the ledger counts it as used; the next call shows whether the emulator is gone
  }
}
