/** Each named border between two durable steps has its comment, its call and its test; and none is named that is not there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crashPointNames } from '../../src/core/crash-point.ts';
import { crashPointsDoc, crashPointsDocFile, findBorders } from './write-crash-points-doc.ts';

const tests = join(import.meta.dirname, '..');
const borders = findBorders();
const names = borders.map(({ name }) => name);
const sources = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('house'))
  .map((file) => readFileSync(join(tests, file), 'utf8'));

describe('crash points', () => {
  it('are each crossed at one place of the code', () => {
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(names.toSorted()).toEqual([...crashPointNames].toSorted());
  });

  it('say what recovery must do', () => {
    expect(borders.filter(({ must }) => !/^(the next )?recovery must .{10,}\.$/.test(must))).toEqual([]);
  });

  it('have each a test, and no test is of another', () => {
    const stages = [...new Set(names.map((name) => name.split('.')[0]))];
    const tried = new Set(
      sources.flatMap((source) => source.match(new RegExp(`(?<=')(${stages.join('|')})\\.[a-z-]+(?=')`, 'g')) ?? []),
    );
    expect(names.filter((name) => !tried.has(name))).toEqual([]);
  });

  it('are listed in docs/crash-points.md as `node test/house/write-crash-points-doc.ts` writes it', () => {
    expect(readFileSync(crashPointsDocFile, 'utf8')).toBe(crashPointsDoc());
  });
});
