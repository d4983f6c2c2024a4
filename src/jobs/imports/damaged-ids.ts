/**
 * Ids that a spreadsheet or a 64-bit float rounded: they look like ids and name nothing, or another's post. What one id alone shows, and what only the
 * ids of a file together show, for one sound id in ten thousand ends in four zeros by chance. No clock, no disk.
 */
import { snowflakeToMs } from '../../core/snowflake.ts';

/**
 * How a suspect id looks: 15 digits and then zeros (spreadsheets), the shortest text of a float (JavaScript, R), or a number that a float holds exactly, all its
 * digits written (pandas, `%.0f`). Most sound ids look the last way, too: its last twelve bits, which rounding takes, count the posts of one machine and millisecond.
 */
export type Suspicion = 'zeros' | 'float' | 'exact';
/** `isSound`: an id of the file has what a float would have lost. `likeliest`: how likely it is at most that all `ids` look so by chance. */
export type SuspicionCounts = Record<'zeros' | 'float', { seen: number; expected: number }> & {
  exact: { ids: Set<string>; likeliest: number; isSound: boolean };
};
/** Which of the suspicions hold in a file: then each id that looks so is damaged. */
export type Verdict = Record<Suspicion, boolean>;

/** Ids and times of one post are taken in the same moment; the platform writes times in whole seconds. */
const CLOCKS_APART_MS = 5000;
/** From here on ids hold the time. */
const SNOWFLAKES_SINCE_MS = Date.parse('2010-11-06T00:00:00Z');
/** Fifteen digits are what spreadsheets keep, and up to 2^53 nothing is lost. */
const KEPT_DIGITS = 15;
const LEAST_DIGITS = 17;
/** How unlikely so many suspects must be by chance: zeros are doubted sooner, for they mislead silently and are rare. */
const TOO_UNLIKELY: Record<Suspicion, number> = { zeros: 0.05, float: 0.003, exact: 0.0001 };
/** Of all sound ids of a time, so many end in twelve zero bits at most. Of 5,800 recorded ones three quarters did in 2014 and 2015, 60 % in 2019, less than half since 2020. */
const ENDING_IN_ZERO_BITS = [
  { beforeMs: Date.parse('2014-01-01T00:00:00Z'), share: 0.97 },
  { beforeMs: Date.parse('2020-01-01T00:00:00Z'), share: 0.85 },
  { beforeMs: Number.POSITIVE_INFINITY, share: 0.75 },
];
/** So many different ids are enough to judge by. */
const MOST_EXACT = 1000;

export const REASONS: Record<Suspicion, string> = {
  zeros: 'the id has 15 digits and then zeros, as spreadsheets leave them',
  float: 'the id has been a 64-bit float, whose last digits are lost',
  exact: 'the id is a number that a 64-bit float can hold, as all of the file are: their last digits are lost',
};

/** `1.23E+18`, `1.234567890123E18`, `1394735776701816833.0`: digits that went through a number and cannot come back. */
export function isNumberText(text: string): boolean {
  return /^\s*[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?\s*$/.test(text) && !/^\d{1,20}$/.test(text);
}

/** How an id looks suspect, zeros before float before exact; undefined when it does not. */
export function suspicionOf(id: string): Suspicion | undefined {
  if (id.length < LEAST_DIGITS || !/^\d+$/.test(id)) return undefined;
  if (/^0+$/.test(id.slice(KEPT_DIGITS))) return 'zeros';
  if (String(Number(id)) === id) return 'float';
  return BigInt(Number(id)) === BigInt(id) ? 'exact' : undefined;
}

export function noSuspicions(): SuspicionCounts {
  return {
    zeros: { seen: 0, expected: 0 },
    float: { seen: 0, expected: 0 },
    exact: { ids: new Set(), likeliest: 1, isSound: false },
  };
}

/** Counts an id of a file, suspect or not: how often a sound one would look so is added up, too. */
export function countSuspicion(counts: SuspicionCounts, id: string): Suspicion | undefined {
  if (id.length < LEAST_DIGITS) return undefined;
  const suspicion = suspicionOf(id);
  if (suspicion === undefined) counts.exact.isSound = true;
  else if (suspicion === 'exact') countExact(counts.exact, id);
  else counts[suspicion].seen++;
  counts.zeros.expected += 10 ** (KEPT_DIGITS - id.length);
  counts.float.expected += 2 ** (52 - Math.floor(Math.log2(Number(id))));
  return suspicion;
}

/** Each id once: the same post a hundred times says no more than once. */
function countExact(exact: SuspicionCounts['exact'], id: string): void {
  if (exact.isSound || exact.ids.size >= MOST_EXACT || exact.ids.has(id)) return;
  exact.ids.add(id);
  const atMs = snowflakeToMs(id) ?? 0;
  exact.likeliest *= ENDING_IN_ZERO_BITS.find(({ beforeMs }) => atMs < beforeMs)?.share ?? 1;
}

/** Whether there are more suspects than chance would make. */
export function judge(counts: SuspicionCounts): Verdict {
  return {
    zeros: chanceOf(counts.zeros) < TOO_UNLIKELY.zeros,
    float: chanceOf(counts.float) < TOO_UNLIKELY.float,
    exact: !counts.exact.isSound && counts.exact.likeliest < TOO_UNLIKELY.exact,
  };
}

/** Why an id is taken for damaged in a file of this verdict; undefined when it is not. */
export function damageOf(id: string, verdict: Verdict): string | undefined {
  const suspicion = suspicionOf(id);
  if (suspicion === undefined) return undefined;
  if (suspicion === 'zeros' && verdict.zeros) return REASONS.zeros;
  if (suspicion !== 'exact' && verdict.float) return REASONS.float;
  return verdict.exact ? REASONS.exact : undefined;
}

/** Why an id and the time of its post cannot belong together; undefined when they can, or when there is nothing to compare. */
export function contradiction(id: string, postedAtMs: number | undefined): string | undefined {
  if (postedAtMs === undefined || Number.isNaN(postedAtMs)) return undefined;
  const idMs = snowflakeToMs(id);
  const posted = new Date(postedAtMs).toISOString();
  if (idMs === undefined)
    return postedAtMs > SNOWFLAKES_SINCE_MS ? `the id is of before 2010-11-04, the post of ${posted}` : undefined;
  if (Math.abs(idMs - postedAtMs) <= CLOCKS_APART_MS) return undefined;
  return `the id is of ${new Date(idMs).toISOString()}, the post of ${posted}`;
}

/** An upper bound (Chernoff's) of the chance of at least `seen` where `expected` are usual. */
function chanceOf({ seen, expected }: { seen: number; expected: number }): number {
  if (seen <= expected || seen === 0) return 1;
  return Math.exp(seen - expected + seen * Math.log(expected / seen));
}
