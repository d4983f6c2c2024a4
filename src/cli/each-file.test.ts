import { describe, expect, it, vi } from 'vitest';
import { type ErrorCode, MistnetError } from '../core/errors.ts';
import { eachFile } from './each-file.ts';

/** What happens to each file; the answer is which were looked at, what was said, and the exit code. */
async function run(fates: Record<string, 'ok' | 'differs' | ErrorCode>) {
  const seen: string[] = [];
  const said: string[] = [];
  let exitCode = 0;
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  try {
    await eachFile(
      Object.keys(fates),
      (code) => {
        exitCode = code;
      },
      async (file) => {
        seen.push(file);
        const fate = fates[file] ?? 'ok';
        if (fate === 'ok' || fate === 'differs') return fate;
        throw new MistnetError(fate, `${file} is bad.`);
      },
    );
  } finally {
    stderr.mockRestore();
  }
  return { seen, said, exitCode };
}

describe('a command over several files', () => {
  it('goes on behind a file that cannot be read or is damaged, and says so', async () => {
    expect(await run({ a: 'segment.unreadable', b: 'ok', c: 'segment.damaged', d: 'ok' })).toEqual({
      seen: ['a', 'b', 'c', 'd'],
      said: ['mistnet: a is bad.\n', 'mistnet: c is bad.\n'],
      exitCode: 3,
    });
  });

  it('fails with 1 where a file failed, with 3 where one differs, with 0 where all is well', async () => {
    expect((await run({ a: 'ok', b: 'ok' })).exitCode).toBe(0);
    expect((await run({ a: 'segment.unreadable', b: 'ok' })).exitCode).toBe(1);
    expect((await run({ a: 'differs', b: 'segment.unreadable' })).exitCode).toBe(3);
  });

  it('ends at a fault of its own', async () => {
    const work = async () => await Promise.reject(new TypeError('a fault'));
    await expect(eachFile(['a'], () => {}, work)).rejects.toThrow('a fault');
  });
});
