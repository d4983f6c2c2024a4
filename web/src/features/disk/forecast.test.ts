import { describe, expect, it } from 'vitest';
import type { DiskUsage } from '../../api/types.ts';
import { forecastSentence } from './forecast.ts';

const disk: DiskUsage = {
  folder: '/data',
  totalBytes: 1e12,
  freeBytes: 5e11,
  segmentsBytes: 1e9,
  datasetsBytes: 1e9,
  databaseBytes: 1e9,
  otherBytes: 0,
  bytesPerDay: null,
  fullInDays: null,
  paceSeconds: 0,
  measuredAt: '2026-11-22T13:00:00.000Z',
};

describe('how long the disk lasts', () => {
  it('is not guessed before anything was measured', () => {
    expect(forecastSentence(disk)).toContain('known once it was watched');
  });

  it('comes with the pace that it rests on', () => {
    expect(forecastSentence({ ...disk, bytesPerDay: 1e10, fullInDays: 50, paceSeconds: 1980 })).toBe(
      'Full in about 50 days, growing 10 GB a day (measured over the last 33 min).',
    );
  });

  it('says that nothing grows rather than dividing by nought', () => {
    expect(forecastSentence({ ...disk, bytesPerDay: 0, paceSeconds: 600 })).toBe(
      'Nothing was added over the last 10 min.',
    );
  });
});
