/**
 * What an hour of posts from two nodes costs: CPU seconds and memory of all its processes. `node bench/hour.ts [--from FOLDER --from FOLDER]
 * [--hour 2022-10-01T13Z] [--posts 250000] [--xz-level none] [--repeat 1] [--output FILE]` Prints JSON. Without folders it makes posts of
 * its own, 3.5 % of them missing on each node. Reads /proc, so Linux only.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseUtcHour, systemClock, utcHourToMs } from '../src/core/time.ts';
import { type BuildProgress, buildHour } from '../src/process/build-hour.ts';
import { collectInputFiles } from '../src/process/input-files.ts';
import { type XzLevel, xzLevels } from '../src/process/xz.ts';
import { postLines } from './post-lines.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', multiple: true },
    hour: { type: 'string', default: '2022-10-01T13Z' },
    posts: { type: 'string', default: '250000' },
    'xz-level': { type: 'string', default: 'none' },
    repeat: { type: 'string', default: '1' },
    output: { type: 'string' },
    /** Builds into this folder and prints what it took: the process that is measured. */
    once: { type: 'string' },
  },
});

const TICKS_PER_SECOND = 100;
const POLL_MS = 50;
const LF = Buffer.from('\n');

if (values.once !== undefined) await buildOnce(values.once);
else await measureAll();

async function measureAll(): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-bench-'));
  cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
  const from = values.from ?? (await writeNodes(folder));
  const runs: object[] = [];
  for (let run = 0; run < Number(values.repeat); run++) runs.push(await measureOnce(from, join(folder, `run${run}`)));
  const result = {
    bench: 'hour',
    question: 'CPU seconds and memory, all processes together, of one hour built from two nodes',
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    at: new Date().toISOString(),
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, loadBefore: loadavg().map(round2), node: process.version },
    xzLevel: values['xz-level'],
    runs,
  };
  const text = `${JSON.stringify(result, null, 2)}\n`;
  process.stdout.write(text);
  if (values.output !== undefined) await writeFile(values.output, text);
}

/** Two folders of raw lines, each without some posts of the other. */
async function writeNodes(folder: string): Promise<string[]> {
  const names = [0, 1].map((node) => join(folder, `node${node}`));
  const files = [];
  for (const name of names) {
    await mkdir(name);
    files.push(createWriteStream(join(name, 'posts.jsonl')));
  }
  let number = 0;
  const startMs = utcHourToMs(parseUtcHour(values.hour));
  for (const line of postLines({ seed: 7, count: Number(values.posts), startMs })) {
    const lacking = (number++ * 7919) % 1000;
    for (const [node, file] of files.entries()) {
      if (Math.floor(lacking / 35) === node) continue;
      if (!file.write(Buffer.concat([line, LF]))) await once(file, 'drain');
    }
  }
  for (const file of files) {
    file.end();
    await once(file, 'close');
  }
  return names;
}

async function measureOnce(from: string[], output: string): Promise<object> {
  const program = fileURLToPath(import.meta.url);
  const nodes = from.flatMap((folder) => ['--from', folder]);
  const options = ['--hour', values.hour, '--xz-level', values['xz-level']];
  const child = spawn(process.execPath, [program, '--once', output, ...nodes, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answer = '';
  child.stdout.on('data', (bytes: Buffer) => {
    answer += bytes.toString();
  });
  let peakRssMb = 0;
  const poll = setInterval(() => {
    peakRssMb = Math.max(peakRssMb, treeRssMb(child.pid ?? 0));
  }, POLL_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(poll);
  if (code !== 0) throw new Error(`the build ended with ${code}`);
  await rm(output, { recursive: true, force: true });
  return { ...(JSON.parse(answer) as object), peakRssMb: Math.round(peakRssMb) };
}

async function buildOnce(output: string): Promise<void> {
  const level = values['xz-level'];
  const began = performance.now();
  const stages: Record<string, number> = {};
  let last = cpuSeconds().own;
  let stage = '';
  const lap = (next: string) => {
    const now = cpuSeconds().own;
    if (stage !== '') stages[stage] = round2((stages[stage] ?? 0) + now - last);
    last = now;
    stage = next;
  };
  const nodes = [];
  for (const folder of values.from ?? [])
    nodes.push({ name: `node${nodes.length}`, files: await collectInputFiles(folder) });
  const { manifest } = await buildHour({
    hour: parseUtcHour(values.hour),
    nodes,
    output,
    xzLevel: level === 'none' ? level : readLevel(level),
    mode: 'whole',
    version: 'bench',
    clock: systemClock,
    signal: new AbortController().signal,
    onProgress: (progress: BuildProgress) => {
      if (progress.stage === 'reading' && stage !== `read ${progress.node}`) lap(`read ${progress.node}`);
      if (progress.stage === 'written' && progress.output !== 'posts' && stage.startsWith('read')) lap('write');
    },
  });
  lap('');
  const { own, children } = cpuSeconds();
  const bytes = Object.fromEntries(Object.entries(manifest.outputs).map(([kind, output]) => [kind, output.bytes]));
  const { tweets, users } = manifest.counts;
  process.stdout.write(
    JSON.stringify({
      report: manifest.report.line,
      tweets,
      users,
      cpuSeconds: round2(own + children),
      cpuOfBuilder: round2(own),
      cpuOfParquetAndXz: round2(children),
      cpuOfBuilderByStage: stages,
      wallSeconds: round2((performance.now() - began) / 1000),
      bytes,
    }),
  );
}

function readLevel(text: string): XzLevel {
  const level = xzLevels.find((candidate) => String(candidate) === text);
  if (level === undefined) throw new Error(`--xz-level ${text}: 0 to 9, or none`);
  return level;
}

/** Of this process, and of its children that have ended. */
function cpuSeconds(): { own: number; children: number } {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const seconds = (first: number) => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) / TICKS_PER_SECOND;
  return { own: seconds(11), children: seconds(13) };
}

/** Resident memory of a process and all below it. */
function treeRssMb(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readOrNothing(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  let total = 0;
  for (const pid of parents.keys()) {
    let ancestor: number | undefined = pid;
    while (ancestor !== undefined && ancestor !== root && ancestor > 1) ancestor = parents.get(ancestor);
    if (ancestor !== root) continue;
    total += Number(/VmRSS:\s+(\d+)/.exec(readOrNothing(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
  }
  return total;
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // a process that has just ended has no memory any more
  }
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
