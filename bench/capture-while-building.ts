/**
 * Whether capture notices that an hour is built beside it: how long a post takes from the socket's sender to the open segment's file, at a
 * steady rate, alone and while an hour of two nodes is built again and again. `node bench/capture-while-building.ts [--rate 1000]
 * [--seconds 120] [--posts 250000] [--xz-level 6] [--output FILE]` Prints JSON. The sender and the one who watches the file are this process, on the same
 * cores as all the rest, so its own delays count too. Linux only.
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
const CRLF = Buffer.from('\r\n');
const rate = Number(values.rate);
const total = rate * Number(values.seconds);

await using cleanup = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'mistnet-bench-'));
cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
const lines = [...postLines({ seed: 7, count: total, startMs: Date.parse('2022-10-01T13:00:00Z') })];

const alone = await captureOnce('alone');
const building = startBuilding();
cleanup.defer(() => building.stop());
await building.begun;
const beside = await captureOnce('beside');
const built = building.built();
await building.stop();

await tell(
  {
    bench: 'capture-while-building',
    question: 'ms from sending a post to its frame in the open segment, alone and while an hour of two nodes is built',
    ...circumstances(),
    rate,
    posts: total,
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

type Latencies = { medianMs: number; p99Ms: number; maxMs: number; lost: number; cpuSec: number };

async function captureOnce(name: string): Promise<Latencies> {
  const home = join(folder, name);
  const sentAt = new Float64Array(total);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    sendPaced(sentAt, (bytes) => response.write(bytes)).then(
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
  const sorted = latencies.sort();
  const at = (share: number) => round2(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const { cpuSec } = JSON.parse(answer) as { cpuSec: number };
  return {
    medianMs: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    lost: total - sorted.length,
    cpuSec: round2(cpuSec),
  };
}

/** As many lines as are due by the clock, at each tick; what could not be sent in time is sent with the next. */
async function sendPaced(sentAt: Float64Array, write: (bytes: Buffer) => void): Promise<void> {
  const began = performance.now();
  for (let sent = 0; sent < total; await sleep(TICK_MS)) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate));
    if (due === sent) continue;
    const now = performance.now();
    const pieces: Buffer[] = [];
    for (; sent < due; sent++) {
      pieces.push(lines[sent] as Buffer, CRLF);
      sentAt[sent] = now;
    }
    write(Buffer.concat(pieces));
  }
}

/** For each frame, in order, the ms until it stood in a file. Frames come in the order of sending: the n-th is the n-th that was sent. */
async function watchFrames(planFolder: string, sentAt: Float64Array, isOver: Promise<unknown>): Promise<Float64Array> {
  const latencies = new Float64Array(total);
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
          latencies[frames] = now - (sentAt[frames] as number);
        if (count < bytes.length) break;
      }
    }
  };
  while (!over) {
    readOn();
    await sleep(TICK_MS);
  }
  for (const file of files.values()) closeSync(file);
  return latencies.subarray(0, frames);
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
