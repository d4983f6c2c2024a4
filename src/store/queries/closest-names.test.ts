import { describe, expect, it } from 'vitest';
import { closestNames } from './closest-names.ts';

describe('the closest names', () => {
  it('are those with few letters changed, swapped, missing or added, closest first', () => {
    expect(closestNames('brids', ['birds', 'words', 'demo'])).toEqual(['birds']);
    expect(closestNames('bird', ['bind', 'birds', 'demo'])).toEqual(['birds', 'bind']);
    expect(closestNames('climate', ['climate-2026', 'weather'])).toEqual(['climate-2026']);
    expect(closestNames('elephants', ['demo', 'ab', 'x'])).toEqual([]);
  });

  it('are three at most', () => {
    expect(closestNames('a', ['a1', 'a2', 'a3', 'a4'])).toHaveLength(3);
  });
});
