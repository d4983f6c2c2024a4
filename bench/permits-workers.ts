/**
 * How much of what the platform allows three worker processes use that share one ledger: real HTTP against the emulator, real PostgreSQL, windows
 * of 15 seconds. `node bench/permits-workers.ts [--credentials 2] [--limit 300] [--windows 6] [--warm-up 3] [--in-flight 6] [--workers 3] [--output FILE]`
 * Prints JSON. E = calls of all windows but the last / (limit x time from the first window's opening to the last's / 15 s), by credential;
 * windows of the warm-up, in which the programs are still compiled, are left out.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/store/db.ts';
import { startTestServer, databaseUrl, TEMPLATE } from '../test/support/postgres-global-setup.ts';
import type { WorkerResult, WorkerSettings } from './permits-worker.ts';

const { values } = parseArgs({
  options: {
    credentials: { type: 'string', default: '2' },
    limit: { type: 'string', default: '300' },
    windows: { type: 'string', default: '6' },
    'warm-up': { type: 'string', default: '3' },
    'in-flight': { type: 'string', default: '6' },
    workers: { type: 'string', default: '3' },
    output: { type: 'string' },
  },
});

const WINDOW_MS = 15_000;
const SPEED = 60;
const limit = Number(values.limit);
const root = join(import.meta.dirname, '..');

await using cleanup = new AsyncDisposableStack();
// A bench that is cut short ends what it started, too.
const interrupted = new Promise<never>((_, reject) => {
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => reject(new Error(`ended by ${name}`)));
});
interrupted.catch(() => {}); // it is awaited where the time goes
const folder = await mkdtemp(join(tmpdir(), 'mistnet-bench-'));
cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
const server = cleanup.use(await startTestServer());
const limitsFile = join(folder, 'limits.json');
await writeFile(limitsFile, JSON.stringify({ limits: { 'GET /2/users/:id/tweets': { app: String(limit) } } }));
const apiUrl = await startEmulator();
const tokens = await makeTokens(Number(values.credentials));
const accountId = await anAccount();
await fetch(`${apiUrl}/_emulator/limits`, { method: 'DELETE' });

const url = databaseUrl(server.url, TEMPLATE);
const untilMs = Date.now() + (Number(values.windows) + Number(values['warm-up'])) * WINDOW_MS + 5_000;
const settings: WorkerSettings = {
  ...{ databaseUrl: url, apiUrl, accountId, tokens, untilMs, limit },
  windowMs: WINDOW_MS,
  inFlight: Number(values['in-flight']),
};
const workers = await Promise.race([
  interrupted,
  Promise.all(Array.from({ length: Number(values.workers) }, () => runWorker(settings))),
]);
const efficiency = tokens.map((_, index) => efficiencyOf(`key-${index}`));
const db = cleanup.use(await openDatabase(url, { max: 1, applicationName: 'bench permits' }));
const ledger = await db.query(
  'select credential, calls_limit, fence, used_today, refused_today, lost_today, margin_ms from permit_windows',
);
const result = {
  bench: 'permits-workers',
  question: 'share of the allowed calls that three worker processes use, real HTTP and PostgreSQL, windows of 15 s',
  at: new Date().toISOString(),
  machine: { cpus: cpus().length, load: loadavg().map((load) => Math.round(load * 10) / 10) },
  credentials: tokens.length,
  limit,
  efficiency,
  allowedByWorkers: workers.reduce((sum, { statuses }) => sum + (statuses['200'] ?? 0), 0),
  emulator: await countedCalls(),
  workers: workers.map(({ statuses, visits, troubles, cpuMs }) => ({ statuses, visits, troubles, cpuMs })),
  ledger,
};
if (values.output !== undefined) await writeFile(values.output, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);

async function startEmulator(): Promise<string> {
  const program = join(root, 'emulator/src/main.ts');
  const args = ['--port', '0', '--clock', String(SPEED), '--seed', '7', '--accounts', '1000', '--limits', limitsFile];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  cleanup.defer(() => void child.kill('SIGKILL'));
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += String(chunk);
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found !== null) resolve(found[0]);
    });
    child.on('exit', () => reject(new Error(`The emulator ended: ${said}`)));
  });
  return address;
}

async function makeTokens(count: number): Promise<string[]> {
  const made: string[] = [];
  for (let index = 0; index < count; index++) {
    const response = await fetch(`${apiUrl}/_emulator/apps`, {
      method: 'POST',
      body: JSON.stringify({ name: `bench ${index}` }),
    });
    const app = (await response.json()) as { bearer_token?: string };
    if (app.bearer_token === undefined) throw new Error(`No token for app ${index}: ${JSON.stringify(app)}`);
    made.push(app.bearer_token);
  }
  return made;
}

async function anAccount(): Promise<string> {
  const response = await fetch(`${apiUrl}/_emulator/truth/account?account=user_public`);
  return ((await response.json()) as { id: string }).id;
}

async function runWorker(settings: WorkerSettings): Promise<WorkerResult> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'permits-worker.ts'), JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanup.defer(() => void child.kill('SIGKILL'));
  return JSON.parse(await text(child.stdout)) as WorkerResult;
}

function efficiencyOf(credential: string) {
  const byReset = new Map<number, { calls: number; firstAtMs: number }>();
  for (const window of workers.flatMap(({ windows }) => windows)) {
    if (window.credential !== credential) continue;
    const known = byReset.get(window.resetAtMs) ?? { calls: 0, firstAtMs: window.firstAtMs };
    const firstAtMs = Math.min(known.firstAtMs, window.firstAtMs);
    byReset.set(window.resetAtMs, { calls: known.calls + window.calls, firstAtMs });
  }
  const ordered = [...byReset.values()].toSorted((a, b) => a.firstAtMs - b.firstAtMs).slice(Number(values['warm-up']));
  const whole = ordered.slice(0, -1);
  const tookMs = (ordered.at(-1)?.firstAtMs ?? 0) - (ordered[0]?.firstAtMs ?? 0);
  const calls = whole.reduce((sum, window) => sum + window.calls, 0);
  const percent = Math.round((calls / ((limit * tookMs) / WINDOW_MS)) * 10_000) / 100;
  const reopenMs = ordered.slice(1).map(({ firstAtMs }, at) => firstAtMs - (ordered[at]?.firstAtMs ?? 0) - WINDOW_MS);
  return { credential, percent, windows: whole.length, callsByWindow: whole.map((window) => window.calls), reopenMs };
}

async function countedCalls() {
  const response = await fetch(`${apiUrl}/_emulator/truth/calls`);
  const { calls } = (await response.json()) as { calls: { path: string; allowed: number; refused: number }[] };
  const mine = calls.filter(({ path }) => path === '/2/users/:id/tweets');
  return {
    allowed: mine.reduce((sum, { allowed }) => sum + allowed, 0),
    refused: mine.reduce((sum, { refused }) => sum + refused, 0),
  };
}
