import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { referenceDocs } from './write-reference-docs.ts';

describe('the generated pages', () => {
  for (const [file, text] of referenceDocs()) {
    it(`docs/${basename(file)} is what \`node test/house/write-reference-docs.ts\` writes`, () => {
      expect(readFileSync(file, 'utf8')).toBe(text);
    });
  }
});
