/**
 * What an hour of posts from two nodes costs: CPU seconds and memory of all its processes. `node bench/hour.ts [--posts 250000[,1000000]]
 * [--from FOLDER --from FOLDER] [--hour 2022-10-01T13Z] [--xz-level none] [--against COMMAND] [--repeat 3] [--output FILE]` Prints JSON. Without
 * folders it makes posts of its own, 3.5 % of them missing on each node; of several numbers of posts each is built, to see whether the cost
 * grows as they do. With a level of xz it is compared with packing alone: `xz` on the same three files in one block each, or `--against`,
 * a command that does the same job. Reads /proc, so Linux only.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseUtcHour, systemClock, utcHourToMs } from '../src/core/time.ts';
import { type BuildProgress, buildHour } from '../src/process/build-hour.ts';
import { collectInputFiles } from '../src/process/input-files.ts';
import { type XzLevel, xzLevels } from '../src/process/xz.ts';
import { ownCpuSeconds } from './cpu-seconds.ts';
import { circumstances, type Measure, median, round2, tell } from './outcome.ts';
import { postLines } from './post-lines.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', multiple: true },
    hour: { type: 'string', default: '2022-10-01T13Z' },
    posts: { type: 'string', default: '250000' },
    'xz-level': { type: 'string', default: 'none' },
    against: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    output: { type: 'string' },
    /** Says on standard error when a build begins and ends. */
    chatty: { type: 'boolean', default: false },
    /** Builds into this folder and prints what it took: the process that is measured. */
    once: { type: 'string' },
  },
});

const POLL_MS = 50;
const LF = Buffer.from('\n');

if (values.once !== undefined) await buildOnce(values.once);
else await measureAll();

async function measureAll(): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-bench-'));
  cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
  const sizes: Size[] = [];
  for (const posts of values.from === undefined ? values.posts.split(',').map(Number) : [0]) {
    const from = values.from ?? (await writeNodes(folder, posts));
    const runs: Run[] = [];
    for (let run = 0; run < Number(values.repeat); run++)
      runs.push(await measureOnce(from, folder, values['xz-level']));
    const peer = values['xz-level'] === 'none' ? undefined : await measurePacking(from, folder);
    sizes.push({ tweets: runs[0]?.tweets ?? 0, runs, ...(peer !== undefined && { peer }) });
    if (values.from === undefined) for (const node of from) await rm(node, { recursive: true });
  }
  const result = {
    bench: 'hour',
    question: 'CPU seconds and memory, all processes together, of one hour built from two nodes',
    ...circumstances(),
    xzLevel: values['xz-level'],
    sizes,
  };
  await tell(result, sizes.length > 1 ? measuresOfGrowth(sizes) : measuresOfOne(sizes[0] as Size), values.output);
}

type Size = { tweets: number; runs: Run[]; peer?: Peer };
type Run = {
  tweets: number;
  cpuSeconds: number;
  wallSeconds: number;
  peakRssMb: number;
  bytes: Record<string, number>;
};
/** What packing takes without anything else, and the sizes it gives. */
type Peer = { command: string; cpuSeconds: number; bytes: Record<string, number> };

function measuresOfOne({ runs, peer }: Size): Measure[] {
  const cpu = median(runs.map(({ cpuSeconds }) => cpuSeconds));
  const memory = median(runs.map(({ peakRssMb }) => peakRssMb));
  if (peer === undefined)
    return [
      { name: 'CPU seconds without xz, Parquet included', figure: cpu, goal: '<= 12', comparer: '' },
      { name: 'memory of all processes in MB', figure: memory, goal: '<= 300', comparer: '' },
    ];
  const busy = median(runs.map(({ cpuSeconds, wallSeconds }) => round2(wallSeconds / cpuSeconds)));
  const larger = Math.max(
    ...Object.keys(peer.bytes).map((kind) => (runs[0]?.bytes[kind] ?? 0) / (peer.bytes[kind] ?? 1)),
  );
  return [
    { name: 'CPU', figure: round2(cpu / peer.cpuSeconds), goal: '<= 1.1', comparer: `${peer.command}` },
    { name: 'wall clock', figure: busy, goal: '<= 0.6', comparer: 'its own CPU time, on two cores' },
    { name: 'size of the largest difference', figure: round2(larger), goal: '<= 1.03', comparer: 'one block each' },
    { name: 'memory of all processes in MB', figure: memory, goal: '<= 850', comparer: '' },
  ];
}

function measuresOfGrowth(sizes: Size[]): Measure[] {
  const cpuOf = ({ tweets, runs }: Size) => median(runs.map(({ cpuSeconds }) => cpuSeconds)) / tweets;
  const memoryOf = ({ runs }: Size) => median(runs.map(({ peakRssMb }) => peakRssMb));
  const [first, last] = [sizes[0] as Size, sizes.at(-1) as Size];
  return [
    {
      name: `CPU per post at ${last.tweets} posts`,
      figure: round2(cpuOf(last) / cpuOf(first)),
      goal: '<= 1.1',
      comparer: `that at ${first.tweets}`,
    },
    {
      name: `memory in MB at ${last.tweets} posts`,
      figure: memoryOf(last),
      goal: '<= 400',
      comparer: `${memoryOf(first)} at ${first.tweets}`,
    },
  ];
}

/** The same three files packed by xz alone, one thread and one block each; or what somebody else's command takes for the job. */
async function measurePacking(from: string[], folder: string): Promise<Peer> {
  const plain = join(folder, 'plain');
  await measureOnce(from, folder, 'none', plain);
  const bytes: Record<string, number> = {};
  let cpuSeconds = 0;
  for (const path of await readdir(plain, { recursive: true })) {
    const kind = /_(tweets|users|IDs)\.(?:csv|txt)$/.exec(path)?.[1]?.toLowerCase();
    if (kind === undefined) continue;
    const before = ownCpuSeconds().children;
    execFileSync('xz', [`-${values['xz-level']}`, '--threads=1', '--keep', join(plain, path)]);
    cpuSeconds += ownCpuSeconds().children - before;
    bytes[kind] = (await stat(join(plain, `${path}.xz`))).size;
  }
  await rm(plain, { recursive: true });
  if (values.against === undefined)
    return { command: `xz -${values['xz-level']} of the same files`, cpuSeconds: round2(cpuSeconds), bytes };
  const before = ownCpuSeconds().children;
  execFileSync('bash', ['-c', values.against], { stdio: ['ignore', 2, 2] });
  return { command: values.against, cpuSeconds: round2(ownCpuSeconds().children - before), bytes };
}

/** Two folders of raw lines, each without some posts of the other. */
async function writeNodes(folder: string, posts: number): Promise<string[]> {
  const names = [0, 1].map((node) => join(folder, `node${node}`));
  const files = [];
  for (const name of names) {
    await mkdir(name);
    files.push(createWriteStream(join(name, 'posts.jsonl')));
  }
  let number = 0;
  const startMs = utcHourToMs(parseUtcHour(values.hour));
  for (const line of postLines({ seed: 7, count: posts, startMs })) {
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

/** `kept`: where the outputs stay; else they go. */
async function measureOnce(from: string[], folder: string, xzLevel: string, kept?: string): Promise<Run> {
  const program = fileURLToPath(import.meta.url);
  const output = kept ?? join(folder, 'run');
  const nodes = from.flatMap((folder) => ['--from', folder]);
  const options = ['--hour', values.hour, '--xz-level', xzLevel];
  if (values.chatty) process.stderr.write('building\n');
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
  if (kept === undefined) await rm(output, { recursive: true, force: true });
  const run = { ...(JSON.parse(answer) as Omit<Run, 'peakRssMb'>), peakRssMb: Math.round(peakRssMb) };
  if (values.chatty) process.stderr.write(`built ${run.wallSeconds}\n`);
  return run;
}

async function buildOnce(output: string): Promise<void> {
  const level = values['xz-level'];
  const began = performance.now();
  const stages: Record<string, number> = {};
  let last = ownCpuSeconds().own;
  let stage = '';
  const lap = (next: string) => {
    const now = ownCpuSeconds().own;
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
  const { own, children } = ownCpuSeconds();
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
