import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shots } from './addresses.ts';

it('every address of the page is photographed, and none that is not there', async () => {
  const table = await readFile(join(import.meta.dirname, '../../web/src/app/routes.tsx'), 'utf8');
  const addresses = [...table.matchAll(/^ {2}route\('([^']+)'/gm)].map(([, address]) => address);
  expect(addresses.length).toBeGreaterThan(20);
  expect(new Set(shots.map(({ route }) => route))).toEqual(new Set(addresses));
  expect(shots).toHaveLength(addresses.length);
});
