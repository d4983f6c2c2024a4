/** Captures one plan until it is told to stop: the capture role's own loop without database and supervisor, as a program or in a test. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setMaxListeners } from 'node:events';
import { type CapturePlan, savePlan } from '../../src/capture/plan.ts';
import { type RunStreamOptions, runStream } from '../../src/capture/run-stream.ts';
import type { CaptureStatus } from '../../src/capture/status.ts';
import { silentLog } from '../../src/core/log.ts';
import { systemClock } from '../../src/core/time.ts';
import { sampleStream, X_LADDERS } from '../../src/platforms/x/sample-stream.ts';

export const PLAN = 'p';

export const examplePlan: CapturePlan = {
  format: 1,
  plan: PLAN,
  kind: 'sample',
  platform: 'x',
  api: 'v2',
  backfillMinutes: 5,
  wanted: 'active',
  revision: 1,
};

/** Ladders short enough for tests, of the same shape as X's. */
export const quickLadders = {
  network: { firstMs: 0, stepMs: 50, maxMs: 500 },
  server: { firstMs: 100, doubling: true, maxMs: 1000 },
  rate: { firstMs: 200, doubling: true, maxMs: 1000 },
} as const;

export type CaptureWish = Partial<Omit<RunStreamOptions, 'plan' | 'settings' | 'signal'>> & {
  home: string;
  url: string;
  signal: AbortSignal;
  plan?: Partial<CapturePlan>;
  settings?: Partial<RunStreamOptions['settings']>;
};

/** `runStream` with a test's usual options; its folders below `home` are made. */
export async function runCapture({ home, url, signal, plan, settings, ...more }: CaptureWish): Promise<void> {
  setMaxListeners(0, signal);
  const planFolder = join(home, 'segments', PLAN);
  await mkdir(join(home, 'run'), { recursive: true });
  const whole = { ...examplePlan, ...plan };
  await savePlan(planFolder, whole);
  await runStream({
    plan: whole,
    planFolder,
    runFolder: join(home, 'run'),
    quarantineFolder: join(home, 'quarantine'),
    node: 'n1',
    adapter: sampleStream({ apiUrl: url, gzip: false, ladders: quickLadders }),
    credential: async () => ({ authorization: () => 'Bearer emulator-token', version: '1' }),
    settings: { heartbeatMs: 1500, sealAgeMs: 60_000, sealBytes: 8 * 1024 * 1024, ...settings },
    clock: systemClock,
    log: silentLog,
    signal,
    ...more,
  });
}

/** What capture last said of itself; undefined before it said anything. */
export async function statusOf(home: string): Promise<CaptureStatus | undefined> {
  try {
    return JSON.parse(await readFile(join(home, 'run', `${PLAN}.json`), 'utf8')) as CaptureStatus;
  } catch {
    return undefined; // not written yet
  }
}

/** As a program: `node run-capture.ts HOME URL [SEAL_BYTES]`, with the platform's own ladders; SIGTERM stops it. Says errors on stderr. */
if (process.argv[1] === import.meta.filename) {
  const [, , home = '', url = '', sealBytes = '8388608'] = process.argv;
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  const adapter = sampleStream({ apiUrl: url, gzip: false, ladders: X_LADDERS });
  await runCapture({
    home,
    url,
    adapter,
    log: { ...silentLog, error: (fields, event) => void process.stderr.write(`${event} ${JSON.stringify(fields)}\n`) },
    signal: stop.signal,
    settings: { sealAgeMs: 700, sealBytes: Number(sealBytes) },
  });
}
