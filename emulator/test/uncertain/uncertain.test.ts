import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANSWER_CASES } from './answers.ts';
import { OTHER_CASES } from './others.ts';
import { STREAM_CASES } from './streams.ts';
import { ask, type Case, type Cases } from './wire.ts';
import { readFlags } from '../../src/flags.ts';
import { POINT_NAMES, readChoices } from '../../src/uncertain/choices.ts';
import { POINTS } from '../../src/uncertain/points.ts';

// A point without a case is an error of types.
const CASES: Cases = { ...ANSWER_CASES, ...STREAM_CASES, ...OTHER_CASES };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uncertain-'));
  const events = [{ at: '+0.1s', do: 'suspend', account: 'user_public' }];
  await writeFile(join(folder, 'suspend'), JSON.stringify({ events }));
});
afterAll(() => rm(folder, { recursive: true }));

describe('an uncertain point', () => {
  it.each(POINT_NAMES)('%s: each side is seen on the wire, the first one without being asked for', async (name) => {
    const { options = {}, ask: question, each }: Case = CASES[name] as Case;
    const scenario = options.scenario === undefined ? {} : { scenario: join(folder, options.scenario) };
    const values = Object.entries(each as Record<string, unknown>);
    for (const [value, expected] of values) {
      const isUsual = value === POINTS[name].values[0];
      const uncertain = isUsual ? {} : readChoices([`${name}=${value}`]);
      expect(await ask({ ...options, ...scenario, uncertain }, question), value).toEqual(expected);
    }
  });
});

describe('switches', () => {
  it('are told with their values, and flags with theirs', async () => {
    const options = { uncertain: readChoices(['keepalives=always']), filterCap: 7 };
    const told = await ask(options, async ({ call }) => (await call('/_emulator/switches')).json);
    expect(told).toMatchObject({
      switches: expect.arrayContaining([
        expect.objectContaining({
          name: 'keepalives',
          value: 'always',
          default: 'in-silence',
          values: ['in-silence', 'always'],
        }),
        expect.objectContaining({ name: 'no-rules', value: 'absent' }),
      ]) as unknown,
      flags: { '--filter-cap': 7, '--vocabulary': '2.166', '--limits': null },
    });
  });

  it('are given on the command line, as many as there are; the last one of a name holds', () => {
    const given = ['--uncertain', 'no-rules=empty', '--uncertain=usage-numbers=text', '--uncertain', 'no-rules=absent'];
    expect(readFlags(given)?.uncertain).toEqual({ 'no-rules': 'absent', 'usage-numbers': 'text' });
  });

  it.each([
    [
      'keepalive=always',
      /"keepalive" is not an uncertain point; these are: problem-host, .*keepalives, .*failed-code\.$/,
    ],
    ['no-rules=none', /no-rules must be absent or empty; it is "none"\.$/],
    ['no-rules', /"no-rules" is not of the form NAME=VALUE, such as duplicate-rule-status=201\.$/],
    ['', /"" is not of the form NAME=VALUE/],
    ['toString=1', /"toString" is not an uncertain point/],
  ])('%s is refused with a sentence that says what there is', (order, sentence) => {
    expect(() => readFlags(['--uncertain', order])).toThrow(sentence);
  });
});
