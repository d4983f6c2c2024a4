/**
 * Whether capture notices that an hour is built beside it: how long a post takes from the socket's sender to the open segment's file, at a
 * steady rate, alone and while an hour of two nodes is built again and again. `node bench/capture-while-building.ts [--rate 1000]
 * [--seconds 120] [--posts 250000] [--xz-level 6] [--output FILE]` Alone for so many seconds; beside the build at least as long, and until the first hour
 * is built. Prints JSON. The sender and the one who watches the file are this process, on the same cores as all the rest, so its own delays count
 * too. Linux only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { circumstances, median, round2, tell } from './outcome.ts';
import { postLines } from './post-lines.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '120' },
    posts: { type: 'string', default: '250000' },
    'xz-level': { type: 'string', default: '6' },
    output: { type: 'string' },
  },
});

const TICK_MS = 5;
const MOST_POSTS = 3_600_000;
const CRLF = Buffer.from('\r\n');
const rate = Number(values.rate);
const leastMs = 1000 * Number(values.seconds);

await using cleanup = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'mistnet-bench-'));
cleanup.defer(async () => rm(folder, { recursive: true, force: true }));

const alone = await captureOnce('alone', () => true);
const building = startBuilding();
cleanup.defer(() => building.stop());
await building.begun;
const beside = await captureOnce('beside', () => building.built().hours > 0);
const built = building.built();
await building.stop();

await tell(
  {
    bench: 'capture-while-building',
    question: 'ms from sending a post to its frame in the open segment, alone and while an hour of two nodes is built',
    ...circumstances(),
    rate,
    build: { postsPerNode: Number(values.posts), xzLevel: values['xz-level'], ...built },
    alone,
    whileBuilding: beside,
  },
  [
    { name: 'p99 while building, ms', figure: beside.p99Ms, goal: '< 1000', comparer: `${alone.p99Ms} ms alone` },
    { name: 'posts lost', figure: beside.lost + alone.lost, goal: '<= 0', comparer: 'what was sent' },
  ],
  values.output,
);

type Latencies = {
  posts: number;
  medianMs: number;
  p99Ms: number;
  maxMs: number;
  lost: number;
  cpuSec: number;
};

/** Ends when the time is over and `isEnough`. */
async function captureOnce(name: string, isEnough: () => boolean): Promise<Latencies> {
  const home = join(folder, name);
  const sentAt: number[] = [];
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    sendPaced(sentAt, isEnough, (bytes) => response.write(bytes)).then(
      () => response.end(),
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const program = join(import.meta.dirname, 'capture.ts');
  const args = [program, '--role', 'capture', '--url', `http://127.0.0.1:${port}/`, '--home', home];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let answer = '';
  child.stdout.on('data', (bytes: Buffer) => (answer += bytes.toString()));
  const isOver = once(child, 'close');
  const latencies = await watchFrames(join(home, 'segments', 'bench'), sentAt, isOver);
  server.close();
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share: number) => round2(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const { cpuSec } = JSON.parse(answer) as { cpuSec: number };
  return {
    posts: sentAt.length,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    lost: sentAt.length - sorted.length,
    cpuSec: round2(cpuSec),
  };
}

/** As many lines as are due by the clock, at each tick; what could not be sent in time is sent with the next. */
async function sendPaced(sentAt: number[], isEnough: () => boolean, write: (bytes: Buffer) => void): Promise<void> {
  const lines = postLines({ seed: 7, count: MOST_POSTS, startMs: Date.parse('2022-10-01T13:00:00Z') });
  const began = performance.now();
  while (performance.now() - began < leastMs || !isEnough()) {
    const now = performance.now();
    const due = Math.floor(((now - began) / 1000) * rate);
    const pieces: Buffer[] = [];
    while (sentAt.length < due) {
      const { value, done } = lines.next();
      if (done === true) throw new Error(`no hour was built within ${MOST_POSTS} posts`);
      pieces.push(value, CRLF);
      sentAt.push(now);
    }
    if (pieces.length > 0) write(Buffer.concat(pieces));
    await sleep(TICK_MS);
  }
}

/** For each frame, in order, the ms until it stood in a file. Frames come in the order of sending: the n-th is the n-th that was sent. */
async function watchFrames(planFolder: string, sentAt: number[], isOver: Promise<unknown>): Promise<number[]> {
  const latencies: number[] = [];
  const bytes = Buffer.allocUnsafe(1 << 20);
  const files = new Map<string, number>();
  let frames = 0;
  let over = false;
  void isOver.then(() => (over = true));
  const readOn = () => {
    for (const path of openSegments(planFolder)) if (!files.has(path)) files.set(path, openSync(path, 'r'));
    for (const file of files.values()) {
      for (;;) {
        const count = readSync(file, bytes, 0, bytes.length, null);
        const now = performance.now();
        for (let at = bytes.indexOf(10); at !== -1 && at < count; at = bytes.indexOf(10, at + 1), frames++)
          latencies.push(now - (sentAt[frames] as number));
        if (count < bytes.length) break;
      }
    }
  };
  while (!over) {
    readOn();
    await sleep(TICK_MS);
  }
  for (const file of files.values()) closeSync(file);
  return latencies;
}

function openSegments(planFolder: string): string[] {
  try {
    return readdirSync(planFolder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map((name) => join(planFolder, name));
  } catch {
    return []; // capture has not made its folder yet
  }
}

/** Builds one hour after the other until it is stopped, as the benchmark of hours does. */
function startBuilding() {
  const program = join(import.meta.dirname, 'hour.ts');
  const args = [program, '--posts', values.posts, '--xz-level', values['xz-level'], '--repeat', '1000', '--chatty'];
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // with a group of its own, for its children end with it
    env: { ...process.env, TMPDIR: folder },
  });
  const seconds: number[] = [];
  const begun = Promise.withResolvers<void>();
  child.stderr?.on('data', (bytes: Buffer) => {
    for (const line of bytes.toString().split('\n')) {
      if (line === 'building') begun.resolve();
      else if (line.startsWith('built ')) seconds.push(Number(line.slice(6)));
      else if (line !== '') process.stderr.write(`${line}\n`);
    }
  });
  const closed = once(child, 'close').then(() => begun.reject(new Error('no hour could be built')));
  begun.promise.catch(() => {}); // awaited above, where it matters
  return {
    begun: begun.promise,
    built: () => ({ hours: seconds.length, ...(seconds.length > 0 && { medianSec: median(seconds) }) }),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), 'SIGTERM');
      await closed;
    },
  };
}
