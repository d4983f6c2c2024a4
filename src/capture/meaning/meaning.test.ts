import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StreamMeaning } from '../../core/rules/meaning.ts';
import { MeaningLog } from './meaning-log.ts';
import { MeaningReader } from './meaning-reader.ts';

const SEED = 20_261_122;
const CHANGES = 600;
const START = Date.parse('2026-11-22T10:00:00Z');

async function desk() {
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-meaning-'));
  const file = join(folder, 'meaning-n1.jsonl');
  return { folder, file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function readerOf(folder: string): Promise<MeaningReader> {
  const reader = new MeaningReader(folder, 'n1');
  await reader.refresh();
  return reader;
}

/** A stream of 60 collections that changes at every step, the same for the same seed. */
function* changes(seed: number): Generator<StreamMeaning> {
  let state = seed;
  const dice = (sides: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % sides;
  };
  const versions = new Map<string, number>();
  const active = new Set<string>();
  for (let revision = 1; ; revision++) {
    const name = `c${String(dice(60)).padStart(2, '0')}`;
    if (active.has(name) && dice(4) === 0) active.delete(name);
    else active.add(name);
    versions.set(name, revision);
    const clauses = (of: string) => [
      { key: `${of} ${versions.get(of) ?? 0}`, sources: [{ kind: 'word' as const, text: of }] },
    ];
    const collections = [...active].sort().map((each) => ({
      ...{ name: each, version: versions.get(each) ?? 0, clauses: clauses(each) },
    }));
    const rules = collections.map((each) => ({
      names: [`tag of ${each.name} ${each.version}`],
      clauses: each.clauses.map(({ key }) => key),
    }));
    yield { revision, api: 'v2', collections, rules };
  }
}

const sevenths = (from: number, to: number) =>
  Array.from({ length: Math.ceil((to - from) / 7) }, (_, at) => from + at * 7);

describe('what frames of a shared stream meant', () => {
  it('is told for every instant as it was noted, by readers that read along and by those that come later, in any order', async () => {
    await using test = await desk();
    const noted: { atMs: number; meaning: StreamMeaning }[] = [];
    const along = new MeaningReader(test.folder, 'n1');
    let log = await MeaningLog.open(test.folder, 'n1');
    const stream = changes(SEED);
    for (let step = 0; step < CHANGES; step++) {
      const { value } = stream.next() as { value: StreamMeaning };
      const nowMs = START + step * 6000;
      await log.note(value, { now: () => nowMs });
      await log.note(value, { now: () => nowMs + 5 }); // the same again is nothing
      noted.push({ atMs: nowMs, meaning: value });
      if (step % 97 === 0) log = await MeaningLog.open(test.folder, 'n1');
      if (step % 31 === 0) await along.refresh();
    }
    await along.refresh();
    const later = await readerOf(test.folder);
    const text = await readFile(test.file, 'utf8');
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines).toHaveLength(CHANGES);
    expect(lines.filter((line) => line.includes('"whole":true')).length, 'lines that say all').toBeGreaterThan(0);
    expect(text.length, 'it grows with what changes').toBeLessThan(CHANGES * 2000);
    const order = noted.map((_, at) => (at * 211) % noted.length);
    for (const reader of [along, later]) {
      expect(reader.at(START)).toBeUndefined();
      for (const at of order) {
        const { atMs, meaning } = noted[at] as (typeof noted)[number];
        const meant = reader.at(atMs + 2)?.meaning;
        expect(meant, `seed ${SEED}, change ${at}`).toMatchObject({ revision: meaning.revision });
        expect(meant?.collections).toEqual(meaning.collections);
        const known = new Map(meant?.rules.map(({ names, clauses }) => [names[0], clauses]));
        for (const rule of meaning.rules) expect(known.get(rule.names[0])).toEqual(rule.clauses);
        // A rule that went less than a quarter of an hour ago is still known: frames were on their way.
        const before = noted[at - 140];
        for (const rule of before?.meaning.rules ?? []) expect(known.get(rule.names[0])).toEqual(rule.clauses);
      }
    }
    const known = later.at(Number.POSITIVE_INFINITY)?.meaning.rules.length ?? 0;
    expect(known, 'rules of long ago are forgotten').toBeLessThan(500);
  });

  it('begins in an order of its own when the clock was set back', async () => {
    await using test = await desk();
    const log = await MeaningLog.open(test.folder, 'n1');
    const stream = changes(SEED);
    for (const nowMs of [START, START - 60_000, START - 60_000])
      await log.note(stream.next().value as StreamMeaning, { now: () => nowMs });
    const reader = await readerOf(test.folder);
    expect([1, 2, 3].map((ms) => reader.at(START + ms)?.meaning.revision)).toEqual([1, 2, 3]);
  });

  it('loses at most the line that a kill cut, wherever it was cut, and goes on behind it', async () => {
    await using test = await desk();
    const stream = changes(SEED);
    const [first, second, third] = [1, 2, 3].map(() => stream.next().value as StreamMeaning);
    if (first === undefined || second === undefined || third === undefined) throw new Error('no changes');
    const log = await MeaningLog.open(test.folder, 'n1');
    await log.note(first, { now: () => START });
    const { length } = await readFile(test.file);
    await log.note(second, { now: () => START + 1000 });
    const whole = await readFile(test.file);
    for (const cut of [...sevenths(length, whole.length - 2), whole.length - 2, whole.length - 1]) {
      // The line is there but for its end: it counts.
      const isThere = cut === whole.length - 1;
      await writeFile(test.file, whole.subarray(0, cut));
      const along = await readerOf(test.folder);
      expect(along.at(START + 5000)?.meaning.revision, `cut at ${cut}`).toBe(1);
      const again = await MeaningLog.open(test.folder, 'n1');
      await again.note(third, { now: () => START + 2000 });
      await along.refresh();
      for (const reader of [along, await readerOf(test.folder)]) {
        expect(reader.at(START + 1500)?.meaning.revision, `cut at ${cut}`).toBe(isThere ? 2 : 1);
        expect(reader.at(START + 5000)?.meaning.collections, `cut at ${cut}`).toEqual(third.collections);
      }
    }
    // Nulls, as a power cut leaves them.
    await writeFile(test.file, whole);
    await appendFile(test.file, Buffer.alloc(20));
    await (await MeaningLog.open(test.folder, 'n1')).note(third, { now: () => START + 2000 });
    const reader = await readerOf(test.folder);
    expect([1500, 5000].map((ms) => reader.at(START + ms)?.meaning.revision)).toEqual([2, 3]);
  });

  it('is not written into a file that somebody else changed, and read anew where another was put', async () => {
    await using test = await desk();
    const stream = changes(SEED);
    const next = () => stream.next().value as StreamMeaning;
    const log = await MeaningLog.open(test.folder, 'n1');
    await log.note(next(), { now: () => START });
    await log.note(next(), { now: () => START + 1000 });
    const reader = await readerOf(test.folder);
    const [first = ''] = (await readFile(test.file, 'utf8')).split('\n');
    await truncate(test.file, first.length + 1);
    await expect(log.note(next(), { now: () => START + 2000 })).rejects.toThrow(/changed by somebody else/);
    await reader.refresh();
    expect(reader.at(START + 5000)?.meaning.revision).toBe(1);
  });
});
