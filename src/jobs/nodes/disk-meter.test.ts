import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDiskMeter, paceOf } from './disk-meter.ts';

describe('the pace of growth', () => {
  it('is unknown until it was observed for five minutes', () => {
    expect(paceOf([])).toBeUndefined();
    expect(
      paceOf([
        { at: 0, bytes: 0 },
        { at: 299_999, bytes: 9 },
      ]),
    ).toBeUndefined();
  });

  it('is what was added from first to last, per day', () => {
    const history = [
      { at: 0, bytes: 1_000 },
      { at: 300_000, bytes: 9_000 },
      { at: 600_000, bytes: 2_000 },
    ];
    expect(paceOf(history)).toEqual({ bytesPerDay: 144_000, overMs: 600_000 });
  });

  it('is none where the folder shrank', () => {
    expect(
      paceOf([
        { at: 0, bytes: 10 },
        { at: 600_000, bytes: 5 },
      ]),
    ).toMatchObject({ bytesPerDay: 0 });
  });
});

describe('the disk', () => {
  it('is measured by folders of the home, and forecast once it was watched', async () => {
    const home = await mkdtemp(join(tmpdir(), 'mistnet-disk-'));
    try {
      let now = Date.parse('2026-11-22T13:00:00.000Z');
      const measure = createDiskMeter({ home, clock: { now: () => now } });
      await mkdir(join(home, 'segments/demo'), { recursive: true });
      await writeFile(join(home, 'segments/demo/a.jsonl'), Buffer.alloc(1_000_000, 1));
      await writeFile(join(home, 'node-name'), 'n1');
      const first = await measure();
      expect(first).toMatchObject({ folder: home, datasetsBytes: 0, databaseBytes: 0, fullInDays: null });
      expect(first.segmentsBytes).toBeGreaterThanOrEqual(1_000_000);
      expect(first.otherBytes).toBeGreaterThan(0);

      await mkdir(join(home, 'datasets'));
      await writeFile(join(home, 'datasets/b'), Buffer.alloc(2_000_000, 1));
      now += 600_000;
      await measure(); // begins to add up again, and answers with the older figures meanwhile
      for (const deadline = performance.now() + 10_000; performance.now() < deadline; ) {
        const { datasetsBytes } = await measure();
        if (datasetsBytes > 0) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const later = await measure();
      expect(later.datasetsBytes).toBeGreaterThanOrEqual(2_000_000);
      expect(later.paceSeconds).toBe(600);
      expect(later.bytesPerDay).toBeGreaterThan(144 * 1_900_000);
      expect(later.fullInDays).toBeCloseTo(later.freeBytes / (later.bytesPerDay ?? 1), 6);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
