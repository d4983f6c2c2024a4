/** Compares what was found with what stood and what the emulator says matched. */
/** A clause that a collection asked for: from when on it was surely at the platform, and until when it surely was; ms of the emulator's world. */
export type Standing = {
  collection: string;
  clause: string;
  wishedMs: number;
  stoodFromMs?: number;
  givenUpMs?: number;
  revision: number;
};

export type Verdict = {
  /** Posts that a word which stood all the time must have found, and pairs of such posts with each collection and word. */
  postsDue: number;
  pairsDue: number;
  /** Posts that a collection does not have at all, and words that are not said to have found a post which it has; the first of them. */
  lost: string[];
  unsaid: string[];
  /** All posts and pairs that `lost` is about. */
  postsLost: string[];
  pairsLost: number;
  /** Words that are said to have found a post though the emulator says that they did not match, or nobody asked for them then. */
  wrong: string[];
};

/** What stood so long before and after a post counts: clocks are read by asking, and on a busy machine the emulator is up to 15 s late. */
const BEFORE_MS = 1_000;
const AFTER_MS = 20_000;
/** Posts so near to a recorded gap may have been in it. */
const NEAR_GAP_MS = 20_000;
/** A rule may go on to be there for a while. */
const LINGERS_MS = 60_000;
const MOST_TOLD = 20;

export function judgeLosses({
  fromMs,
  untilMs,
  standings,
  posts,
  found,
  gaps,
}: {
  fromMs: number;
  untilMs: number;
  standings: readonly Standing[];
  posts: ReadonlyMap<string, readonly string[]>;
  found: ReadonlyMap<string, ReadonlySet<string>>;
  /** Silences that mistnet recorded. */
  gaps: readonly { fromMs: number; toMs: number }[];
}): Verdict {
  const byClause = Map.groupBy(standings, ({ clause }) => clause);
  const verdict: Verdict = {
    ...{ postsDue: 0, pairsDue: 0, pairsLost: 0 },
    ...{ lost: [], unsaid: [], wrong: [], postsLost: [] },
  };
  for (const [id, clauses] of posts) {
    const madeMs = instantOf(id);
    if (madeMs < fromMs || madeMs > untilMs) continue;
    if (gaps.some((gap) => gap.fromMs - NEAR_GAP_MS < madeMs && madeMs < gap.toMs + NEAR_GAP_MS)) continue;
    let isDue = false;
    for (const clause of clauses)
      for (const {
        collection,
        stoodFromMs = Number.POSITIVE_INFINITY,
        givenUpMs = Number.POSITIVE_INFINITY,
      } of byClause.get(clause) ?? []) {
        if (stoodFromMs + BEFORE_MS > madeMs || givenUpMs < madeMs + AFTER_MS) continue;
        isDue = true;
        verdict.pairsDue++;
        const words = found.get(`${collection} ${id}`);
        if (words === undefined) {
          tell(verdict.lost, `${collection} lacks ${id}, which has "${clause}"`);
          verdict.pairsLost++;
          if (verdict.postsLost.at(-1) !== id) verdict.postsLost.push(id);
        } else if (!words.has(clause)) tell(verdict.unsaid, `${collection} has ${id} without "${clause}"`);
      }
    if (isDue) verdict.postsDue++;
  }
  const byPair = Map.groupBy(standings, ({ collection, clause }) => `${collection} ${clause}`);
  for (const [key, words] of found) {
    const [collection = '', id = ''] = key.split(' ');
    const matched = posts.get(id);
    if (matched === undefined) continue; // made before the witness listened, or after
    const madeMs = instantOf(id);
    for (const word of words) {
      const isAsked = (byPair.get(`${collection} ${word}`) ?? []).some(
        ({ wishedMs, givenUpMs = Number.POSITIVE_INFINITY }) =>
          wishedMs - LINGERS_MS < madeMs && madeMs < givenUpMs + LINGERS_MS,
      );
      if (!matched.includes(word) || !isAsked) tell(verdict.wrong, `${collection} has ${id} by "${word}"`);
    }
  }
  return verdict;
}

function tell(list: string[], what: string): void {
  if (list.length < MOST_TOLD) list.push(what);
}

/** When a post was made, ms of the emulator's world. */
export function instantOf(id: string): number {
  return Number((BigInt(id) >> 22n) + 1_288_834_974_657n);
}
