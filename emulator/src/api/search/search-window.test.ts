import { describe, expect, it } from 'vitest';
import { readWindow, type SearchWindow, type WindowRules } from './search-window.ts';
import { ParameterReader, Parameters } from '../parameters.ts';
import { DEFAULT_CHOICES } from '../../uncertain/choices.ts';
import { postId, postTime } from '../../world/ids.ts';
import { startOf } from '../../world/model.ts';

const now = Date.parse('2021-10-23T18:21:44.500Z');
const RECENT: WindowRules = { now, reach: 'recent', lagMs: 10_000, wholeDays: true, choices: DEFAULT_CHOICES };
const ARCHIVE: WindowRules = { ...RECENT, reach: 'all' };
const reader = new ParameterReader(
  [
    { name: 'start_time', kind: 'instant' },
    { name: 'end_time', kind: 'instant' },
    { name: 'since_id', kind: 'id' },
    { name: 'until_id', kind: 'id' },
  ],
  [],
);

function windowOf(query: Record<string, string>, rules: WindowRules): SearchWindow {
  const parameters = reader.read(new URLSearchParams(query));
  if (!(parameters instanceof Parameters)) throw new Error('the parameters are wrong');
  const window = readWindow(parameters, rules);
  if (Array.isArray(window)) throw new Error(JSON.stringify(window));
  return window;
}
const iso = ({ start, end }: SearchWindow): string[] => [start, end].map((at) => new Date(at).toISOString());
const idAt = (text: string, slot = 5): string => postId({ at: Date.parse(text), slot });

describe('a window', () => {
  it('of recent counts is the recorded one', () => {
    expect(iso(windowOf({}, RECENT))).toEqual(['2021-10-16T18:21:34.000Z', '2021-10-23T18:21:34.000Z']);
  });

  it('of the archive begins thirty days before its end, at midnight where whole days are wanted', () => {
    expect(iso(windowOf({}, ARCHIVE))).toEqual(['2021-09-23T00:00:00.000Z', '2021-10-23T18:21:34.000Z']);
    const end_time = '2015-05-31T12:00:00Z';
    const window = windowOf({ end_time }, { ...ARCHIVE, wholeDays: false });
    expect(iso(window)).toEqual(['2015-05-01T12:00:00.000Z', '2015-05-31T12:00:00.000Z']);
  });

  it('holds its beginning and not its end, in whole seconds', () => {
    const query = { start_time: '2021-10-20T10:00:00.900Z', end_time: '2021-10-20T11:00:00.900Z' };
    const { after, before } = windowOf(query, RECENT);
    expect(after).toEqual(startOf(Date.parse('2021-10-20T10:00:00Z')));
    expect(before).toEqual(startOf(Date.parse('2021-10-20T11:00:00Z')));
  });

  it('by ids holds neither of them, and spans the seconds that they lie in', () => {
    const query = { since_id: idAt('2021-10-20T10:00:00.900Z'), until_id: idAt('2021-10-20T11:00:00.900Z') };
    const window = windowOf(query, RECENT);
    expect([window.after, window.before]).toEqual([postTime(query.since_id), postTime(query.until_id)]);
    expect(iso(window)).toEqual(['2021-10-20T10:00:00.000Z', '2021-10-20T11:00:01.000Z']);
  });

  it('of ids from the future is empty', () => {
    const { start, end } = windowOf({ since_id: idAt('2031-10-20T10:00:00Z') }, RECENT);
    expect(start).toBe(end);
  });
});
