/** One child process that is kept running: restarted with growing pauses when it dies, ended in order when asked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, closeSync, renameSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MistnetError } from '../../core/errors.ts';
import type { Environment } from '../context.ts';
import { type ChildMessage, FATAL_CODES, isChildMessage } from './messages.ts';

export type ChildOptions = {
  name: string;
  program: string;
  args: string[];
  environment: Environment;
  /** Its standard output and error are appended there. */
  logPath: string;
  signal: AbortSignal;
  /** Aborted when a person has lost patience: the child is killed at once. */
  forced: AbortSignal;
  onReady: (message: ChildMessage & { kind: 'ready' }) => void;
  /** It ended unasked and will be started again after `pauseMs`. */
  onDeath: (death: { name: string; how: string; pauseMs: number }) => void;
  /** A process of it was begun. */
  onBegin?: (pid: number | undefined) => void;
  /** It was ended because somebody asked for a fresh one, which follows at once. */
  onRestart?: () => void;
  /** It asks for another role, or itself, to be started anew. */
  onAsk?: (role: string) => void;
  /** A sentence of it for the terminal. */
  onSaid?: (sentence: string) => void;
  /** Filled in while a process runs: ends it in order, to be started anew at once. */
  bell?: { ring?: (() => void) | undefined };
  /** After the end was asked for, it is killed when it takes longer than this. */
  stopDeadlineMs: number;
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A child that lived this long had started well: the pauses begin anew. */
const HEALTHY_MS = 60_000;
const MAX_LOG_BYTES = 32 * 1024 * 1024;

/**
 * Runs the child until the signal aborts and it has ended. Throws the sentence of a failure that no restart can mend. The child runs in
 * a process group of its own: a Ctrl-C in the terminal reaches only us, and we end it in order.
 */
export async function keepRunning(options: ChildOptions): Promise<void> {
  const { name, signal, onDeath } = options;
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; ) {
    const began = performance.now();
    const { how, failure, wasAsked } = await runOnce(options);
    if (signal.aborted) return;
    if (wasAsked) {
      pauseMs = FIRST_PAUSE_MS;
      options.onRestart?.();
      continue;
    }
    if (failure !== undefined && FATAL_CODES.has(failure.code)) throw new MistnetError(failure.code, failure.sentence);
    if (performance.now() - began >= HEALTHY_MS) pauseMs = FIRST_PAUSE_MS;
    onDeath({ name, how: failure?.sentence ?? how, pauseMs });
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
}

type ChildEnd = { how: string; wasAsked: boolean; failure?: ChildMessage & { kind: 'failed' } };

async function runOnce({
  program,
  args,
  environment,
  logPath,
  signal,
  forced,
  onReady,
  onBegin,
  onAsk,
  onSaid,
  bell = {},
  stopDeadlineMs,
}: ChildOptions): Promise<ChildEnd> {
  const log = openLog(logPath);
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    env: environment,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  onBegin?.(child.pid);
  let wasAsked = false;
  let failure: (ChildMessage & { kind: 'failed' }) | undefined;
  child.on('message', (message) => {
    if (!isChildMessage(message)) return;
    if (message.kind === 'ready') onReady(message);
    else if (message.kind === 'restart') onAsk?.(message.role);
    else if (message.kind === 'said') onSaid?.(message.sentence);
    else failure = message;
  });
  const stop = () => void endInOrder(child, stopDeadlineMs);
  const kill = () => void child.kill('SIGKILL');
  bell.ring = () => {
    wasAsked = true;
    stop();
  };
  signal.addEventListener('abort', stop, { once: true });
  forced.addEventListener('abort', kill, { once: true });
  try {
    const how = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, killedBy) =>
        resolve(killedBy === null ? `exit code ${code}` : `killed by ${killedBy}`),
      );
    });
    return { how, wasAsked, ...(failure === undefined ? {} : { failure }) };
  } finally {
    bell.ring = undefined;
    signal.removeEventListener('abort', stop);
    forced.removeEventListener('abort', kill);
  }
}

/** SIGTERM, and SIGKILL when it does not end in time. */
async function endInOrder(child: ChildProcess, deadlineMs: number): Promise<void> {
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  child.once('exit', () => clearTimeout(deadline));
}

/** Opens the log for appending; one that has grown large begins anew, the one before is kept. */
function openLog(path: string): number {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o640);
}
