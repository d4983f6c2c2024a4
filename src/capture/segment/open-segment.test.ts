/** Disks that are slow, that fail to sync, that refuse: by way of what Node's own file handles answer. */
import { type FileHandle, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BlockPool } from './block-pool.ts';
import { encodeFrameHead } from './format.ts';
import { OpenSegment } from './open-segment.ts';

const AT = '2026-11-22T13:05:00.000Z';
const ARRIVAL = {
  atMs: Date.parse(AT),
  at: AT,
  head: encodeFrameHead({ at: AT, platform: 'x', endpoint: 'e', session: 's' }),
};

let folder = '';
/** What every file handle is made of: Node does not export it. */
let handles: FileHandle;
const troubles: (string | undefined)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-open-segment-'));
  await using file = await open(join(folder, 'any'), 'w');
  handles = Object.getPrototypeOf(file) as FileHandle;
  troubles.length = 0;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

function segment(onWritten = () => {}) {
  const onTrouble = (reason: string | undefined) => void troubles.push(reason);
  const stem = join(folder, 'p/2026/11/22/13/n1-20261122T130500Z-1');
  return new OpenSegment({ stem, openedAtMs: ARRIVAL.atMs, pool: new BlockPool(), onTrouble, onWritten });
}

function append(to: OpenSegment, payload: string): void {
  const bytes = Buffer.from(payload);
  to.append(ARRIVAL, { bytes, from: 0, to: bytes.length, plain: true }, { kind: 'post', postId: '1' });
}

const failure = (code: string) =>
  Object.assign(new Error(`${code}: no luck, fdatasync`), { code, syscall: 'fdatasync' });

describe('an open segment', () => {
  it('whose sync failed is written once more before it is called durable', async () => {
    const one = segment();
    append(one, 'first');
    await one.flush();
    const before = await readFile(`${one.stem}.jsonl`);
    const sync = vi.spyOn(handles, 'datasync').mockRejectedValueOnce(failure('EIO'));
    const write = vi.spyOn(handles, 'write');
    append(one, 'second');
    await one.close();
    const after = await readFile(`${one.stem}.jsonl`);
    const bytes = after.length - before.length;
    expect(after.subarray(0, before.length)).toEqual(before);
    expect(after.toString().match(/first|second/g)).toEqual(['first', 'second']);
    // Appended, then, after the failure, given to the system again at its place, and synced.
    expect((write.mock.calls as unknown[][]).map(([, , length, position]) => [length, position])).toEqual([
      [bytes, undefined],
      [bytes, before.length],
    ]);
    expect(sync.mock.calls.length).toBeGreaterThanOrEqual(2);
    expect(troubles).toEqual(['EIO: no luck, fdatasync', undefined]);
  });

  it('is closed in the end, though the disk refused its last sync several times', async () => {
    const one = segment();
    append(one, 'only');
    vi.spyOn(handles, 'datasync').mockRejectedValueOnce(failure('ENOSPC')).mockRejectedValueOnce(failure('EDQUOT'));
    await one.close();
    expect((await readFile(`${one.stem}.jsonl`)).toString()).toContain('only');
    expect(troubles).toEqual(['ENOSPC: no luck, fdatasync', 'EDQUOT: no luck, fdatasync', undefined]);
  });

  it('that is abandoned while the disk refuses gives up, and says so', async () => {
    const one = segment();
    append(one, 'only');
    vi.spyOn(handles, 'datasync').mockRejectedValue(failure('EIO'));
    const closed = one.close();
    one.abandon();
    await expect(closed).rejects.toThrow('EIO');
  });

  it('whose folder could not be synced makes up for it, and takes no second name', async () => {
    const one = segment();
    const sync = vi.spyOn(handles, 'sync').mockRejectedValue(failure('EMFILE'));
    append(one, 'only');
    await vi.waitFor(() => expect(troubles.length).toBeGreaterThan(0), { timeout: 10_000 });
    sync.mockRestore();
    await one.close();
    expect(await readdir(join(folder, 'p/2026/11/22/13'))).toEqual(['n1-20261122T130500Z-1.jsonl']);
    expect((await readFile(`${one.stem}.jsonl`)).toString().split('\n')).toHaveLength(2);
  });

  it('on a disk that stands still holds what was appended, once, and says when less is waiting', async () => {
    const gate = Promise.withResolvers<void>();
    const real = Reflect.get(handles, 'write') as (...args: unknown[]) => Promise<unknown>;
    vi.spyOn(handles, 'write').mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
      await gate.promise;
      return (await real.apply(this, args)) as never;
    } as never);
    const left: number[] = [];
    const one: OpenSegment = segment(() => left.push(one.waitingBytes));
    for (let n = 0; n < 12; n++) append(one, `${n}:${'x'.repeat(400_000)}`);
    expect(one.waitingBytes).toBe(one.bytes);
    gate.resolve();
    await one.close();
    expect(left.length).toBeGreaterThan(3);
    expect(left.at(-1)).toBe(0);
    const lines = (await readFile(`${one.stem}.jsonl`)).toString().split('\n');
    expect(lines.flatMap((line) => /"payload":(\d+):/.exec(line)?.[1] ?? [])).toEqual(
      Array.from({ length: 12 }, (_, n) => String(n)),
    );
  });
});
