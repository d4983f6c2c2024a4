/** Former names as Social Feed Manager noted them, taken into the history of accounts that are followed. One line's fault stops no other. */
import { isNumberText } from '../imports/damaged-ids.ts';
import { addEarlierNames, type EarlierName, firstName } from '../../store/accounts/earlier-names.ts';
import type { Database } from '../../store/db.ts';

/** `names`: how many were new. */
export type NamesOutcome = {
  line: number;
  uid: string | null;
  outcome: 'added' | 'present' | 'unknown' | 'invalid';
  names: number;
  message: string;
};

type Line = { uid: string; name?: string; former: { atMs: number; handle: string }[] };

/**
 * Yields an outcome per line that is not blank. A line is `{"uid", "former_names", "name"}`: `former_names` an object, or its text, of the instants at which a
 * new name was seen and the names that ended with it; `name`, which may be left out, is the one that came last. Throws when the database is away.
 */
export async function* importNames(db: Database, lines: AsyncIterable<string>): AsyncGenerator<NamesOutcome> {
  let number = 0;
  for await (const text of lines) {
    number++;
    const line = text.replace(/^\uFEFF/, '').trim();
    if (line !== '') yield { line: number, ...(await importLine(db, line)) };
  }
}

async function importLine(db: Database, text: string): Promise<Omit<NamesOutcome, 'line'>> {
  const read = readLine(text);
  if ('fault' in read) return { uid: null, outcome: 'invalid', names: 0, message: read.fault };
  const { uid, name, former } = read;
  const key = { platform: 'x', accountId: uid };
  const first = await firstName(db, key);
  if (first === undefined)
    return {
      uid,
      outcome: 'unknown',
      names: 0,
      message: `${uid} is not followed; mistnet account import comes first.`,
    };
  const names = (await addEarlierNames(db, key, historyOf(former, name ?? first))) ?? 0;
  return names === 0
    ? { uid, outcome: 'present', names, message: `The names of ${uid} are all known.` }
    : { uid, outcome: 'added', names, message: `${names} names of ${uid} were added.` };
}

/** Each instant ends one name and begins the next; the first is known to have been there just before its end. */
function historyOf(former: Line['former'], last: string): EarlierName[] {
  const sorted = former.toSorted((a, b) => a.atMs - b.atMs);
  const [oldest] = sorted;
  if (oldest === undefined) return [];
  return [
    { fromMs: oldest.atMs - 1, handle: oldest.handle },
    ...sorted.map(({ atMs }, at) => ({ fromMs: atMs, handle: sorted[at + 1]?.handle ?? last })),
  ];
}

function readLine(text: string): Line | { fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'The line is not JSON.' };
  }
  if (typeof value !== 'object' || value === null) return { fault: 'The line is not an object.' };
  const { uid, name, former_names: given } = value as Record<string, unknown>;
  const id = typeof uid === 'number' && Number.isSafeInteger(uid) ? String(uid) : uid;
  if (typeof id !== 'string' || !/^[1-9]\d{0,19}$/.test(id)) {
    const why = typeof uid === 'number' || (typeof uid === 'string' && isNumberText(uid)) ? 'was rounded' : 'is none';
    return { fault: `The uid ${JSON.stringify(uid ?? null)} ${why}; write it in quotes, with all its digits.` };
  }
  const names = readNames(given);
  if ('fault' in names) return { fault: `${id}: ${names.fault}` };
  return { uid: id, ...(typeof name === 'string' && name !== '' ? { name } : {}), former: names.former };
}

function readNames(given: unknown): { former: Line['former'] } | { fault: string } {
  let value = given;
  if (typeof given === 'string')
    try {
      value = JSON.parse(given === '' ? '{}' : given);
    } catch {
      return { fault: 'former_names is not JSON.' };
    }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { fault: 'former_names is not an object of instants and names.' };
  const former: Line['former'] = [];
  for (const [instant, handle] of Object.entries(value)) {
    const atMs = instantOf(instant);
    if (atMs === undefined) return { fault: `"${instant}" is not an instant.` };
    if (typeof handle !== 'string' || handle === '') return { fault: `the name at ${instant} is missing.` };
    former.push({ atMs, handle });
  }
  return { former };
}

/** `2014-01-16T13:48:56Z`, or as older versions wrote it, `Thu Jan 16 13:48:56 2014`; both UTC. */
function instantOf(text: string): number | undefined {
  const old = /^[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4}$/.test(text);
  const plain = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (!old && plain === null) return undefined;
  const ms = Date.parse(old ? `${text} UTC` : plain?.[2] === undefined ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}
