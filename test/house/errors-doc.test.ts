import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorTable } from '../../src/core/errors.ts';
import { errorsDoc, errorsDocFile } from './write-errors-doc.ts';

describe('docs/errors.md', () => {
  const page = readFileSync(errorsDocFile, 'utf8');

  it('lists exactly the codes of the table', () => {
    const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '');
    expect(listed.toSorted()).toEqual(Object.keys(errorTable).toSorted());
  });

  it('is what `node test/house/write-errors-doc.ts` writes', () => {
    expect(page).toBe(errorsDoc());
  });
});
