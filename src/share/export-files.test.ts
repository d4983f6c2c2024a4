import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { presetOf } from './columns/presets.ts';
import { ExportFiles } from './export-files.ts';
import { toExportRequest } from './export-request.ts';

describe('the files of an export', () => {
  it.each([
    ['xlsx', undefined, 1_048_576 - 1],
    ['xlsx', 500, 500],
    ['csv', undefined, Number.POSITIVE_INFINITY],
    ['csv', 7, 7],
  ])(
    'take as many rows as %s with a split of %s allows: a worksheet all but the one of its header',
    async (format, split, room) => {
      const folder = await mkdtemp(join(tmpdir(), 'mistnet-files-'));
      try {
        const request = toExportRequest({ from: { kind: 'all' }, format, split }, 'UTC');
        await using files = await ExportFiles.open(
          {
            ...{ folder, name: 'birds', version: '1', request, preset: presetOf(request), total: 2_000_000 },
            signal: new AbortController().signal,
          },
          undefined,
        );
        expect(files.room).toBe(room);
        await files.end();
        expect(files.parts.map(({ file }) => file)).toEqual([
          room === Number.POSITIVE_INFINITY ? `birds.${format}` : `birds-0001.${format}`,
        ]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
