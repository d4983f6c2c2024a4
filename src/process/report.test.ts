import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { mergeReport, percentText, reportHeader, reportLine } from './report.ts';

describe("the day's report", () => {
  it('has two columns for one node and one more for each of several', () => {
    expect(reportHeader(1)).toBe('hour\ttweets');
    expect(reportHeader(2)).toBe('hour\tserv 1\tserv 2\ttotal\tdiff\tdiff %');
    expect(reportHeader(3)).toBe('hour\tserv 1\tserv 2\tserv 3\ttotal\tdiff\tdiff %');
    expect(reportLine('7', { perNode: [12], total: 12, difference: 0 })).toBe('7\t12');
    expect(reportLine('13', { perNode: [59366, 58211], total: 60909, difference: 4241 })).toBe(
      '13\t59366\t58211\t60909\t4241\t6.96%',
    );
    expect(reportLine('0', { perNode: [0, 0], total: 0, difference: 0 })).toBe('0\t0\t0\t0\t0\t0.0%');
  });

  it('leaves cells empty for nodes that an hour did not have', () => {
    expect(reportLine('7', { perNode: [12], total: 12, difference: 0 }, 2)).toBe('7\t12\t\t12\t\t');
    expect(reportLine('7', { perNode: [3, 2], total: 3, difference: 1 }, 3)).toBe('7\t3\t2\t\t3\t1\t33.33%');
  });

  it.each([
    [7, 100, '7.0'],
    [1, 3, '33.33'],
    [2, 3, '66.67'],
    [1, 1, '100.0'],
    [0, 5, '0.0'],
    [0, 0, '0.0'],
    [1, 100_000, '0.0'],
    [1, 10_000, '0.01'],
    [1, 800, '0.12'],
    [3, 800, '0.38'],
    [57, 800, '7.12'],
    [59, 800, '7.38'],
    [1, 1000, '0.1'],
  ])('writes %i of %i as %s %%', (difference, total, text) => {
    expect(percentText(difference, total)).toBe(text);
  });

  it('rounds as Python does', (test) => {
    const pairs = Array.from({ length: 2000 }, (_, index) => [(index * 7919) % 1601, 800 + (index % 5) * 800] as const);
    const program =
      'import sys, json; print(json.dumps([str(round(d / t * 100, 2)) for d, t in json.load(sys.stdin)]))';
    let answer: string;
    try {
      answer = execFileSync('python3', ['-c', program], { input: JSON.stringify(pairs), encoding: 'utf8' });
    } catch {
      return test.skip('no python3 here to compare with');
    }
    expect(pairs.map(([difference, total]) => percentText(difference, total))).toEqual(JSON.parse(answer));
  });

  it('replaces the line of a rebuilt hour, keeps the others and sorts by hour, the first of a repeated hour first', () => {
    const previous = 'hour\ttweets\n2+0100\t8\n10\t5\n9\t1\n';
    const lines = new Map([
      ['9', '9\t2'],
      ['2+0200', '2+0200\t7'],
      ['0', '0\t1'],
    ]);
    expect(mergeReport(previous, lines, 1)).toBe('hour\ttweets\n0\t1\n2+0200\t7\n2+0100\t8\n9\t2\n10\t5\n');
    expect(mergeReport('', new Map([['3', '3\t1']]), 1)).toBe('hour\ttweets\n3\t1\n');
  });
});
