/**
 * What capture costs flat out, from the socket to sealed and verified segments, against `curl | zstd -3` on the same source in the same
 * run. `node bench/capture.ts [--posts 1000000] [--repeat 5] [--file LINES.jsonl] [--output FILE]` Prints JSON. Without a file it takes
 * posts of the emulator's world. All four parts (source, curl with zstd, capture, this) are processes of their own. Linux only.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { crc32 } from 'node:zlib';
import { savePlan } from '../src/capture/plan.ts';
import { runStream } from '../src/capture/run-stream.ts';
import { readFrames } from '../src/capture/segment/read-frames.ts';
import { listHourFolders, listHourSegments, SEALED_SUFFIX } from '../src/capture/segment/layout.ts';
import { silentLog } from '../src/core/log.ts';
import { systemClock } from '../src/core/time.ts';
import { sampleStream, X_LADDERS } from '../src/platforms/x/sample-stream.ts';
import { circumstances, median, round2, tell } from './outcome.ts';

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '1000000' },
    repeat: { type: 'string', default: '5' },
    file: { type: 'string' },
    output: { type: 'string' },
    'seal-mib': { type: 'string', default: '8' },
    /** Which of the processes this one is. */
    role: { type: 'string', default: 'bench' },
    url: { type: 'string', default: '' },
    home: { type: 'string', default: '' },
  },
});

const LINES_IN_FILE = 100_000;
const CHUNK_BYTES = 64 * 1024;
const PLAN = 'bench';
const program = fileURLToPath(import.meta.url);
const root = dirname(dirname(program));
const posts = Number(values.posts);

if (values.role === 'source') await serveLines();
else if (values.role === 'capture') await captureOnce();
else await measureAll();

async function measureAll(): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-bench-'));
  cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
  const file = values.file ?? (await writeWorld(join(folder, 'lines.jsonl')));
  const source = await startSource(file);
  cleanup.defer(() => void source.process.kill());
  const runs: { peer: Cost; capture: Capture; ratio: number }[] = [];
  for (let run = 0; run < Number(values.repeat); run++) {
    const peer = measurePeer(source.url, join(folder, 'peer.zst'));
    const capture = await measureCapture(source, join(folder, `home-${run}`));
    runs.push({ peer, capture, ratio: round2(capture.cpuSecPer100k / peer.cpuSecPer100k) });
  }
  const medians = {
    ratio: median(runs.map(({ ratio }) => ratio)),
    cpuSecPer100k: median(runs.map(({ capture }) => capture.cpuSecPer100k)),
    postsPerSec: median(runs.map(({ capture }) => capture.postsPerSec)),
    maxRssMb: median(runs.map(({ capture }) => capture.maxRssMb)),
    lost: runs.reduce((sum, { capture }) => sum + capture.lost, 0),
  };
  const result = {
    bench: 'capture',
    question: 'CPU per 100,000 posts from the socket to sealed segments, flat out, against curl | zstd -3',
    ...circumstances(),
    source: values.file === undefined ? "posts of the emulator's world" : 'lines of a file',
    posts,
    bytesPerPost: Math.round(source.bytes / posts),
    medians,
    runs,
  };
  const comparer = 'curl | zstd -3 on the same source, median of the pairs';
  await tell(
    result,
    [
      { name: 'CPU against curl | zstd -3', figure: medians.ratio, goal: '<= 1.7', comparer },
      { name: 'CPU seconds per 100,000 posts', figure: medians.cpuSecPer100k, goal: '<= 1.3', comparer: '' },
      { name: 'memory in MB', figure: medians.maxRssMb, goal: '<= 150', comparer: '' },
      { name: 'posts lost', figure: medians.lost, goal: '<= 0', comparer: 'what the source sent' },
    ],
    values.output,
  );
}

type Cost = { cpuSecPer100k: number; wallSec: number };
type Capture = Cost & {
  postsPerSec: number;
  maxRssMb: number;
  lost: number;
  sameBytes: boolean;
  sealedMb: number;
  segments: number;
};

/** The shell counts the CPU time of what it has waited for. */
function measurePeer(url: string, target: string): Cost {
  const started = performance.now();
  const script = `curl -sfN "$0" | zstd -3 -q -f -o "$1"; times`;
  const out = execFileSync('bash', ['-c', script, url, target], { encoding: 'utf8' });
  const cpuSec = [...(out.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
    .map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds))
    .reduce((sum, seconds) => sum + seconds, 0);
  return { cpuSecPer100k: round2((cpuSec / posts) * 100_000), wallSec: round2((performance.now() - started) / 1000) };
}

async function measureCapture(source: Source, home: string): Promise<Capture> {
  const args = [program, '--role', 'capture', '--url', source.url, '--home', home, '--seal-mib', values['seal-mib']];
  // As bin/mistnet starts it: without a cache each start compiles the sources anew, and each thread loads the compiler.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [out] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const { cpuSec, wallSec, maxRssMb } = JSON.parse(out) as { cpuSec: number; wallSec: number; maxRssMb: number };
  const kept = await readBack(join(home, 'segments', PLAN));
  await rm(home, { recursive: true });
  return {
    cpuSecPer100k: round2((cpuSec / posts) * 100_000),
    wallSec: round2(wallSec),
    postsPerSec: Math.round(posts / wallSec),
    maxRssMb,
    lost: posts - kept.frames,
    sameBytes: kept.crc === source.crc,
    sealedMb: Math.round(kept.sealedBytes / 1e6),
    segments: kept.segments,
  };
}

/** The payloads of all segments, in order, each with LF: their number and their checksum. */
async function readBack(planFolder: string) {
  const kept = { frames: 0, crc: 0, sealedBytes: 0, segments: 0 };
  for (const folder of await listHourFolders(planFolder)) {
    for (const { stem } of (await listHourSegments(PLAN, folder)).sort((a, b) => a.sequence - b.sequence)) {
      const path = `${stem}${SEALED_SUFFIX}`;
      kept.segments++;
      kept.sealedBytes += (await readFile(path)).length;
      for await (const frames of readFrames(path)) {
        kept.frames += frames.length;
        for (const { payload } of frames) kept.crc = crc32('\n', crc32(payload, kept.crc));
      }
    }
  }
  return kept;
}

type Source = { process: ChildProcess; url: string; crc: number; bytes: number };

async function startSource(file: string): Promise<Source> {
  const args = [program, '--role', 'source', '--file', file, '--posts', values.posts];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, crc, bytes } = JSON.parse(line.toString()) as Omit<Source, 'process'>;
  return { process: child, url, crc, bytes };
}

/** The source: the file's lines over and over until so many are sent, in chunks of whole lines, as fast as they are read. */
async function serveLines(): Promise<void> {
  const lines = (await readFile(values.file ?? '', 'utf8')).split(/\r?\n/).filter((line) => line !== '');
  const chunks: Buffer[] = [];
  let crc = 0;
  let bytes = 0;
  for (let at = 0, part: string[] = [], length = 0; at < posts; at++) {
    const line = lines[at % lines.length] ?? '';
    part.push(line);
    length += line.length;
    if (length < CHUNK_BYTES && at < posts - 1) continue;
    const chunk = Buffer.from(`${part.join('\r\n')}\r\n`);
    crc = crc32(`${part.join('\n')}\n`, crc);
    bytes += chunk.length;
    chunks.push(chunk);
    part = [];
    length = 0;
  }
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    let next = 0;
    const send = () => {
      while (next < chunks.length) if (!response.write(chunks[next++])) return void response.once('drain', send);
      response.end();
    };
    send();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}/`, crc, bytes })}\n`);
}

/** Captures until the source has sent everything; prints what that took, start of the process and last seal included. */
async function captureOnce(): Promise<void> {
  const { url, home } = values;
  const planFolder = join(home, 'segments', PLAN);
  const runFolder = join(home, 'run');
  await mkdir(runFolder, { recursive: true });
  const plan = {
    format: 1,
    plan: PLAN,
    kind: 'sample',
    platform: 'x',
    api: 'v2',
    backfillMinutes: 0,
    wanted: 'active',
    revision: 1,
  } as const;
  await savePlan(planFolder, plan);
  const ended = new AbortController();
  const started = performance.now();
  await runStream({
    plan,
    planFolder,
    runFolder,
    quarantineFolder: join(home, 'quarantine'),
    node: 'bench',
    adapter: sampleStream({ apiUrl: url, gzip: false, ladders: X_LADDERS }),
    credential: async () => ({ authorization: () => 'Bearer none', version: '1' }),
    settings: { heartbeatMs: 30_000, sealAgeMs: 60_000, sealBytes: Number(values['seal-mib']) * 1024 * 1024 },
    clock: systemClock,
    log: {
      ...silentLog,
      info: (fields) => {
        if ('event' in fields && fields.event === 'lost') ended.abort();
      },
    },
    signal: ended.signal,
  });
  const wallSec = (performance.now() - started) / 1000;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cost = { cpuSec: (userCPUTime + systemCPUTime) / 1e6, wallSec, maxRssMb: Math.round(maxRSS / 1024) };
  process.stdout.write(JSON.stringify(cost));
}

/** Real-looking posts in many languages, as the emulator's world has them. */
async function writeWorld(file: string): Promise<string> {
  // Not at the top: the process that is measured would load it too.
  const { startEmulator } = await import('../emulator/src/start-emulator.ts');
  await using emulator = await startEmulator({ rate: 'max', seed: 7 });
  const { url, headers } = sampleStream({ apiUrl: emulator.url, gzip: false, ladders: X_LADDERS }).request({
    authorization: () => 'Bearer emulator-token',
    backfillMinutes: 0,
  });
  const response = await fetch(url, { headers });
  const parts: Buffer[] = [];
  let lines = 0;
  for await (const part of response.body ?? []) {
    const bytes = Buffer.from(part as Uint8Array);
    parts.push(bytes);
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
    if (lines >= LINES_IN_FILE) break;
  }
  const all = Buffer.concat(parts);
  await writeFile(file, all.subarray(0, all.lastIndexOf(10) + 1));
  return file;
}
