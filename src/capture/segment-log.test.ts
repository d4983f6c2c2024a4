/** The bound of what capture holds in memory while a disk stands still. */
import { type FileHandle, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { emptyCheckpoint } from './checkpoint.ts';
import { encodeFrameHead } from './segment/format.ts';
import { SegmentLog } from './segment-log.ts';

const MIB = 1024 * 1024;
const AT = '2026-11-22T13:05:00.000Z';

it('a log on a disk that stands still asks for no more above 4 MiB, says when there is room again, and has lost nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-segment-log-'));
  const gate = Promise.withResolvers<void>();
  try {
    await using any = await open(join(folder, 'any'), 'w');
    const handles = Object.getPrototypeOf(any) as FileHandle;
    const real = Reflect.get(handles, 'write') as (...args: unknown[]) => Promise<unknown>;
    vi.spyOn(handles, 'write').mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
      await gate.promise;
      return (await real.apply(this, args)) as never;
    } as never);
    const room = vi.fn<() => void>();
    const sealed: number[] = [];
    const log = new SegmentLog({
      ...{ planFolder: folder, plan: 'p', node: 'n1', checkpoint: emptyCheckpoint('n1') },
      ...{ sealAgeMs: 60_000, sealBytes: 2 * MIB, onRoom: room, onTrouble: () => {} },
      onSealed: ({ frames }) => sealed.push(frames),
    });
    const head = encodeFrameHead({ at: AT, platform: 'x', endpoint: 'e', session: 's' });
    const bytes = Buffer.alloc(100_000, 'x');
    let appended = 0;
    // As the reader of the stream does: it looks after each chunk.
    for (; !log.congested; appended++)
      log.append(
        { atMs: Date.parse(AT), at: AT, head },
        { bytes, from: 0, to: bytes.length, plain: true },
        {
          kind: 'post',
          postId: '1',
        },
      );
    expect(appended * bytes.length).toBeGreaterThan(3.9 * MIB);
    expect(appended * bytes.length).toBeLessThan(4.2 * MIB);
    expect(room).not.toHaveBeenCalled();
    gate.resolve();
    await vi.waitFor(() => expect(room).toHaveBeenCalled(), { timeout: 20_000 });
    expect(log.congested).toBe(false);
    await log.close('stop', true);
    expect(sealed.reduce((sum, frames) => sum + frames, 0)).toBe(appended);
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => name.endsWith('.jsonl') || name.endsWith('.tmp'))).toEqual([]);
  } finally {
    gate.resolve();
    vi.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  }
});
