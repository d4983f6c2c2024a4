/** DuckDB's memory limit bounds no process, so it writes in one of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MistnetError } from '../../core/errors.ts';

/** How the system says through DuckDB that a disk refuses. */
const DISK_WORDS =
  /No space left|quota exceeded|Read-only file system|Input\/output error|File too large|Too many open files/i;

/** How the program ended, what it printed (how many rows it wrote) and what it complained of. */
export type ChildEnd = { code: number | null; answered: string; said: string };

/** Runs a program of ours that writes a Parquet file; it is killed when the signal aborts, whose reason is thrown then. */
export async function runChild(program: string, job: object, signal: AbortSignal): Promise<ChildEnd> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [program, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  let answered = '';
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    answered += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(0, 4000);
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal.throwIfAborted();
    return { code, answered, said };
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** The failure of a program that did not write all rows; a disk's refusal is told apart from a fault of the program. */
export function writeFailure(path: string, end: ChildEnd | undefined, rows: number): MistnetError {
  const reason = reasonOf(end, rows);
  return new MistnetError(
    DISK_WORDS.test(reason) ? 'file.unwritable' : 'process.failed',
    `Writing ${path} failed: ${reason}.`,
  );
}

function reasonOf(end: ChildEnd | undefined, rows: number): string {
  const line = end?.said.split('\n').find((candidate) => /error/i.test(candidate));
  if (line !== undefined) return line.trim();
  return end?.code === 0
    ? `${end.answered.trim()} rows of ${rows} were written`
    : `its program ended with ${end?.code ?? 'a signal'}`;
}
