/**
 * How much one emulator process serves, as a program of its own: `node emulator/bench/serve.ts [--seconds 5] [--accounts 1000000]`
 * prints JSON. Look-ups: 8 kept connections ask without a pause. Stream: one reader takes all it gets of `--rate max`. World: until
 * the first answer; its peak of memory is taken after the look-ups. Rates are given per second of the wall clock and per second of the
 * emulator's CPU time, for a busy machine takes from the first.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, get, request } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, accounts: { type: 'string', default: '1000000' } },
});
const RUN_MS = Number(values.seconds) * 1000;
const CONNECTIONS = 8;
const TICKS_PER_SECOND = 100;
const FIELDS =
  'tweet.fields=author_id,created_at,conversation_id,entities,public_metrics,referenced_tweets,lang&expansions=author_id,referenced_tweets.id' +
  '&user.fields=created_at,public_metrics,verified';

interface Program {
  readonly pid: number;
  readonly url: string;
  readonly startSeconds: number;
  stop(): void;
}

async function start(...flags: string[]): Promise<Program> {
  const began = performance.now();
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0', ...flags], { stdio: ['ignore', 'inherit', 'pipe'] });
  for await (const line of createInterface(child.stderr)) {
    const [url] = /http:\/\/[\d.:]+/.exec(line) ?? [];
    if (url === undefined) throw new Error(line);
    await text(`${url}/_emulator/truth/world`);
    child.stderr.resume();
    return {
      pid: child.pid ?? 0,
      url,
      startSeconds: rounded((performance.now() - began) / 1000, 2),
      stop: () => child.kill(),
    };
  }
  throw new Error('the emulator ended at once');
}

async function text(address: string, init?: RequestInit): Promise<string> {
  const answer = await fetch(address, { ...init, headers: { authorization: 'Bearer emulator-token' } });
  if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
  return answer.text();
}

/** Seconds of CPU that a process has used. */
function cpuSeconds(pid: number): number {
  const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user = 0, system = 0] = after.split(' ').slice(11, 13).map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

function memoryMb(pid: number, what: 'VmHWM' | 'VmRSS'): number {
  const [, kb = '0'] = new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kb) / 1024);
}

/** Asks on eight connections until time is up. */
async function lookups(program: Program, paths: readonly string[]): Promise<object> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let asked = 0;
  const ask = (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: 'Bearer emulator-token' };
      const sent = get(`${program.url}${path}`, { agent, headers }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
        answer.resume();
        answer.on('end', resolve);
      });
      sent.on('error', reject);
    });
  const until = async (deadline: number): Promise<void> => {
    while (performance.now() < deadline) await ask(paths[asked++ % paths.length] ?? '');
  };
  const all = (ms: number): Promise<void[]> =>
    Promise.all(Array.from({ length: CONNECTIONS }, () => until(performance.now() + ms)));
  await all(RUN_MS / 4);
  const [askedBefore, cpuBefore, began] = [asked, cpuSeconds(program.pid), performance.now()];
  await all(RUN_MS);
  agent.destroy();
  return rates('requests', asked - askedBefore, cpuSeconds(program.pid) - cpuBefore, performance.now() - began);
}

function rates(what: string, count: number, cpu: number, ms: number): object {
  return { [`${what}PerSecond`]: Math.round((count / ms) * 1000), [`${what}PerCpuSecond`]: Math.round(count / cpu) };
}

async function stream(): Promise<object> {
  const program = await start('--rate', 'max', '--start', '2026-11-22T13:00:00Z');
  try {
    return await new Promise<object>((resolve, reject) => {
      const query =
        'expansions=author_id&tweet.fields=author_id,created_at,lang,text,referenced_tweets&user.fields=public_metrics';
      const headers = { authorization: 'Bearer emulator-token' };
      const asked = request(`${program.url}/2/tweets/sample/stream?${query}`, { headers, agent: false }, (answer) => {
        let lines = 0;
        answer.on('data', (part: Buffer) => {
          for (const byte of part) if (byte === 0x0a) lines++;
        });
        answer.on('error', () => undefined);
        setTimeout(() => {
          const [before, cpuBefore, began] = [lines, cpuSeconds(program.pid), performance.now()];
          setTimeout(() => {
            resolve(rates('posts', lines - before, cpuSeconds(program.pid) - cpuBefore, performance.now() - began));
            asked.destroy();
          }, RUN_MS);
        }, RUN_MS / 4);
      });
      asked.on('error', reject);
      asked.end();
    });
  } finally {
    program.stop();
  }
}

async function worldAndLookups(): Promise<object> {
  const program = await start('--accounts', values.accounts);
  try {
    const limits = Object.keys(
      (JSON.parse(await text(`${program.url}/_emulator/limits`)) as { limits: object }).limits,
    );
    const lifted = { limits: Object.fromEntries(limits.map((name) => [name, null])) };
    await text(`${program.url}/_emulator/limits`, { method: 'POST', body: JSON.stringify(lifted) });
    const keys = JSON.parse(await text(`${program.url}/_emulator/credentials`)) as Record<string, string>;
    const followers = await text(`${program.url}/_emulator/truth/account/followers?account=user_public&limit=400`);
    const ids = followers.trim().split('\n');
    const posts = await text(`${program.url}/_emulator/truth/account/posts?account=user_public&limit=1000`);
    const postIds = posts.trim().split('\n');
    const users = JSON.parse(await text(`${program.url}/2/users?ids=${ids.slice(0, 100).join(',')}`)) as {
      data: { username: string }[];
    };
    const names = users.data.map(
      ({ username }) => `/2/users/by/username/${username}?user.fields=created_at,public_metrics`,
    );
    const batch = (size: number): string[] =>
      Array.from({ length: 40 }, (_, n) => {
        const from = (n * 23) % Math.max(1, postIds.length - size);
        return `/2/tweets?ids=${postIds.slice(from, from + size).join(',')}&${FIELDS}`;
      });
    return {
      accounts: Number(values.accounts),
      startSeconds: program.startSeconds,
      example: keys['user_public'],
      usersByUsername: await lookups(program, names),
      onePost: await lookups(program, batch(1)),
      tenPosts: await lookups(program, batch(10)),
      hundredPosts: await lookups(program, batch(100)),
      peakMemoryMb: memoryMb(program.pid, 'VmHWM'),
    };
  } finally {
    program.stop();
  }
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const result = {
  bench: 'serve',
  question: 'look-ups and posts a second that one emulator process serves, and what a world costs',
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  loadAverage: loadavg().map((load) => rounded(load, 1)),
  world: await worldAndLookups(),
  stream: await stream(),
};
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
