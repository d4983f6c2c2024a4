import { describe, expect, it } from 'vitest';
import {
  contradiction,
  countSuspicion,
  damageOf,
  isNumberText,
  judge,
  noSuspicions,
  suspicionOf,
} from './damaged-ids.ts';

const SOUND = 1_394_735_776_701_816_833n;

function verdictOf(ids: string[]) {
  const counts = noSuspicions();
  for (const id of ids) countSuspicion(counts, id);
  return judge(counts);
}

/** Ids as X gives them: all digits, spread. A linear congruence, so that a failure can be repeated. */
function soundIds(count: number): string[] {
  const ids: string[] = [];
  for (let n = 0n, state = 7n; n < BigInt(count); n++) {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n;
    ids.push(String(SOUND + (state >> 8n)));
  }
  return ids.map((id) => id.slice(0, 19));
}

describe('ids that were rounded', () => {
  it('are known by their exponent or point', () => {
    for (const text of ['1.39474E+18', '1.39E18', '1,39474E+18', '1394735776701816833.0', '-1'])
      expect(isNumberText(text), text).toBe(true);
    for (const text of ['1394735776701816833', '20', 'abc', '']) expect(isNumberText(text), text).toBe(false);
  });

  it('are suspect one by one: fifteen digits and zeros, or the text of a float', () => {
    expect(suspicionOf('1394735776701810000')).toBe('zeros');
    expect(suspicionOf(String(Number(SOUND)))).toBe('float');
    expect(suspicionOf(String(SOUND))).toBeUndefined();
    expect(suspicionOf('100000')).toBeUndefined();
  });

  it('are told from chance by the company they keep', () => {
    const excel = soundIds(50).map((id) => `${id.slice(0, 15)}0000`);
    const floats = soundIds(50).map((id) => String(Number(id)));
    expect(verdictOf(excel)).toMatchObject({ zeros: true });
    expect(verdictOf(floats)).toMatchObject({ float: true });
    expect(verdictOf(['1394735776701810000'])).toMatchObject({ zeros: true });
    expect(verdictOf([...soundIds(60), '1394735776701810000'])).toEqual({ zeros: true, float: false, exact: false });
  });

  it('are told where a float wrote all digits, for no id of the file has an end that a float would lose', () => {
    // Ends as recorded ones have them: three quarters in twelve zero bits, the others in a small number.
    const sound = Array.from({ length: 60 }, (_, at) =>
      String((((SOUND >> 22n) + BigInt(at * 7919)) << 22n) + (359n << 12n) + BigInt(at % 4 === 0 ? (at % 5) + 1 : 0)),
    );
    const rounded = sound.map((id) => String(BigInt(Number(id))));
    expect(verdictOf(sound)).toEqual({ zeros: false, float: false, exact: false });
    expect(verdictOf(rounded)).toEqual({ zeros: false, float: false, exact: true });
    const verdict = verdictOf(rounded);
    expect(rounded.filter((id) => damageOf(id, verdict) === undefined)).toEqual([]);
    expect(verdictOf(rounded.slice(0, 10))).toMatchObject({ exact: false });
    expect(verdictOf(Array.from({ length: 500 }, () => rounded[0] ?? ''))).toMatchObject({ exact: false });
    expect(verdictOf([...rounded, String(SOUND)])).toMatchObject({ exact: false });
  });

  it('are not seen among 50,000 sound ids, of which some look so by chance', () => {
    const ids = soundIds(50_000);
    const suspects = ids.filter((id) => suspicionOf(id) !== undefined);
    expect(suspects.length).toBeGreaterThan(50);
    const verdict = verdictOf(ids);
    expect(suspects.filter((id) => damageOf(id, verdict) !== undefined)).toEqual([]);
  });
});

describe('an id and the time of its post', () => {
  it('belong together within seconds', () => {
    expect(contradiction(String(SOUND), Date.parse('2021-05-18T19:24:56Z'))).toBeUndefined();
    expect(contradiction(String(SOUND), Date.parse('2021-05-18T19:25:30Z'))).toMatch(
      /^the id is of 2021-05-18T19:24:56/,
    );
    expect(contradiction('1390000000000000000', Date.parse('2021-05-18T19:24:56Z'))).toMatch(/the id is of 2021-05-05/);
  });

  it('say nothing where ids hold no time, and contradict where they should', () => {
    expect(contradiction('20', Date.parse('2006-03-21T20:50:14Z'))).toBeUndefined();
    expect(contradiction('20', Date.parse('2016-03-21T20:50:14Z'))).toMatch(/before 2010-11-04/);
    expect(contradiction('20', undefined)).toBeUndefined();
  });
});
