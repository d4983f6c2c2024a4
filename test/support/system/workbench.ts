/** A folder and a mark for one test that runs real programs: whatever it starts is ended with it, also when it fails. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Found, MARK, processesOf, signalProcess } from './processes.ts';
import { until } from './until.ts';

export const projectRoot = join(import.meta.dirname, '../../..');
export const MISTNET = join(projectRoot, 'bin/mistnet');
export const EMULATOR = join(projectRoot, 'bin/mistnet-emulator');

export type Environment = Record<string, string | undefined>;
export type ProgramEnd = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

/** A program that runs. `said`: its standard error so far; `printed`: its standard output. */
export type Program = {
  readonly pid: number;
  readonly said: string;
  readonly printed: string;
  readonly child: ChildProcess;
  readonly ended: Promise<ProgramEnd>;
  /** The first match in what it says or prints, now or later; throws when it ends or takes longer. */
  hears(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
};

export type StartOptions = { env?: Environment; cwd?: string; detached?: boolean; stdin?: 'open' };

export type Workbench = AsyncDisposable & {
  readonly folder: string;
  /** A data folder of this test; not made yet. */
  readonly home: string;
  /** Free ports, the home, and nothing of the caller's settings. */
  environment(more?: Environment): Environment;
  start(program: string, args: string[], options?: StartOptions): Program;
  /** Runs `mistnet ARGS` to its end, which must come within a minute. */
  mistnet(args: string[], options?: StartOptions): Promise<ProgramEnd>;
  processes(): Promise<Found[]>;
  /** Resolves when nothing runs but what the test itself started and has not ended yet; throws naming what is left. */
  allGone(withinMs?: number): Promise<void>;
};

const RUN_MS = 240_000;

export async function openWorkbench(): Promise<Workbench> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'mistnet-system-')));
  const mark = randomBytes(8).toString('hex');
  const programs = new Set<Program>();
  const processes = () => processesOf({ mark, folder });
  const allGone = async (withinMs = 15_000) => {
    await until(
      'the end of all processes',
      async () => {
        const own = new Set([...programs].map(({ pid }) => pid));
        const left = (await processes()).filter(({ pid }) => !own.has(pid));
        if (left.length > 0) throw new Error(`left running: ${left.map(describe).join(' · ')}`);
        return true;
      },
      { withinMs },
    );
  };
  const environment = (more: Environment = {}): Environment => ({
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(MISTNET_|NODE_OPTIONS|VITEST)/.test(name)),
    ),
    MISTNET_HOME: join(folder, 'home'),
    MISTNET_PORT: '0',
    MISTNET_EMULATOR_PORT: '0',
    [MARK]: mark,
    ...more,
  });
  const start = (program: string, args: string[], options: StartOptions = {}): Program => {
    const running = launch(program, args, { cwd: folder, ...options, env: environment(options.env) });
    programs.add(running);
    void running.ended.finally(() => programs.delete(running)).catch(() => undefined); // told to whoever awaits it
    return running;
  };
  return {
    folder,
    home: join(folder, 'home'),
    environment,
    start,
    processes,
    allGone,
    mistnet: async (args, options) => {
      const running = start(MISTNET, args, options);
      const tooLong = setTimeout(() => running.child.kill('SIGKILL'), RUN_MS);
      try {
        return await running.ended;
      } finally {
        clearTimeout(tooLong);
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const { child } of programs) child.kill('SIGTERM');
      try {
        await until('the end of all programs', () => programs.size === 0);
        await allGone();
      } finally {
        for (const { pid } of await processes()) signalProcess(pid, 'SIGKILL');
        await until('the end of what was killed', async () => (await processes()).length === 0);
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function launch(program: string, args: string[], { env, cwd, detached, stdin }: StartOptions): Program {
  const child = spawn(program, args, {
    env,
    cwd,
    detached: detached ?? false,
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  const said: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer) => printed.push(part));
  child.stderr?.on('data', (part: Buffer) => said.push(part));
  const text = (parts: Buffer[]) => Buffer.concat(parts).toString('utf8');
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout: text(printed), stderr: text(said) }));
  });
  return {
    pid: child.pid ?? 0,
    child,
    ended,
    get said() {
      return text(said);
    },
    get printed() {
      return text(printed);
    },
    hears: async (pattern, withinMs = 60_000) => {
      const heard = await until(
        `${pattern} from ${args.join(' ')}`,
        () =>
          pattern.exec(text(said)) ??
          pattern.exec(text(printed)) ??
          (child.exitCode !== null || child.signalCode !== null ? 'ended' : undefined),
        { withinMs },
      );
      if (heard !== 'ended') return heard;
      const { stderr, stdout } = await ended;
      const last = pattern.exec(stderr) ?? pattern.exec(stdout);
      if (last === null) throw new Error(`${args.join(' ')} ended without ${pattern}; it said: ${stderr}${stdout}`);
      return last;
    },
  };
}

function describe({ pid, command }: Found): string {
  return `${pid} ${command.slice(0, 120)}`;
}
