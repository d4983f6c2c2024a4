import { MistnetError } from '../core/errors.ts';

/**
 * Does the work for one file after the other, whatever befalls one of them: a failure that a person can mend is said at once and the
 * rest goes on. The exit code is then 3 where a file is not what it should be, else 1. Other failures are thrown.
 */
export async function eachFile(
  files: readonly string[],
  setExitCode: (code: number) => void,
  work: (file: string) => Promise<'ok' | 'differs'>,
): Promise<void> {
  const codes = new Set<number>();
  for (const file of files) {
    try {
      if ((await work(file)) === 'differs') codes.add(3);
    } catch (error) {
      if (!(error instanceof MistnetError)) throw error;
      process.stderr.write(`mistnet: ${error.message}\n`);
      codes.add(error.exitCode);
    }
  }
  if (codes.size > 0) setExitCode(codes.has(3) ? 3 : Math.min(...codes));
}
