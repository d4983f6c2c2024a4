/** The first reading of a file: what is in it, and whether its ids are sound. Nothing is written. */
import { countSuspicion, damageOf, judge, noSuspicions, REASONS, type Suspicion, type Verdict } from './damaged-ids.ts';
import { type Format, readRecords } from './source-records.ts';

export type DamagedId = { line: number; id: string; reason: string };

/** `posts`: whose ids are sound, `mended` among them. `damaged` and `unreadable`: with the first of them by line. `cut`: why a packed file ended too early. */
export type Inspection = {
  lines: number;
  posts: number;
  mended: number;
  notPosts: number;
  damaged: number;
  damagedIds: DamagedId[];
  unreadable: number;
  unreadableLines: { line: number; reason: string }[];
  /** How many posts say when they were retrieved. */
  dated: number;
  verdict: Verdict;
  cut?: string;
};

/** So many damaged ids and lines are listed; all are counted, and all are kept. */
export const LISTED = 1000;

/** Throws `folder.unreadable`, and the signal's reason. */
export async function inspectFile(path: string, format: Format, signal: AbortSignal): Promise<Inspection> {
  const suspicions = noSuspicions();
  const suspects: Record<Suspicion, { seen: number; listed: DamagedId[] }> = {
    zeros: { seen: 0, listed: [] },
    float: { seen: 0, listed: [] },
    exact: { seen: 0, listed: [] },
  };
  const found: Inspection = {
    ...{ lines: 0, posts: 0, mended: 0, notPosts: 0, damaged: 0, damagedIds: [], unreadable: 0, unreadableLines: [] },
    ...{ dated: 0, verdict: { zeros: false, float: false, exact: false } },
  };
  const records = readRecords(path, format);
  for (;;) {
    signal.throwIfAborted();
    const { done, value } = await records.next();
    if (done === true) {
      if (value !== undefined) found.cut = value;
      break;
    }
    const { line, candidates, unreadable, atMs } = value;
    found.lines++;
    if (unreadable !== undefined) {
      found.unreadable++;
      if (found.unreadableLines.length < LISTED) found.unreadableLines.push({ line, reason: unreadable.reason });
    }
    for (const { identity, isProven } of candidates) {
      if (identity.kind === 'other') found.notPosts++;
      else if (identity.kind === 'damaged') {
        found.damaged++;
        if (found.damagedIds.length < LISTED) found.damagedIds.push({ line, id: identity.id, reason: identity.reason });
      } else {
        found.posts++;
        if (identity.mended) found.mended++;
        if (atMs !== undefined) found.dated++;
        const suspicion = isProven ? undefined : countSuspicion(suspicions, identity.id);
        if (suspicion === undefined) continue;
        const kept = suspects[suspicion];
        kept.seen++;
        if (kept.listed.length < LISTED) kept.listed.push({ line, id: identity.id, reason: REASONS[suspicion] });
      }
    }
  }
  found.verdict = judge(suspicions);
  for (const { seen, listed } of Object.values(suspects)) {
    const [first] = listed;
    if (first === undefined || damageOf(first.id, found.verdict) === undefined) continue;
    found.posts -= seen;
    found.damaged += seen;
    found.damagedIds.push(...listed);
  }
  found.damagedIds = found.damagedIds.toSorted((a, b) => a.line - b.line).slice(0, LISTED);
  return found;
}
