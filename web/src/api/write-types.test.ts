import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { renderTypes, typesPath } from './write-types.ts';

it("the page's types are those of openapi.json; otherwise run node web/src/api/write-types.ts", async () => {
  expect(await readFile(typesPath, 'utf8')).toBe(await renderTypes());
});
