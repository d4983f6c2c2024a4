/** Which versions of a post there were, as its payload says. Pure. */

/** X lets a post be edited five times; whoever writes more into a payload has something else in mind. */
const MOST_VERSIONS = 50;

/** Ids of all versions up to this one, the first one first; v2 and v1.1 write them at different places. Empty where nothing is said. */
export function editHistory(payload: string): string[] {
  if (!payload.includes('"edit_')) return [];
  let parsed: Payload | null;
  try {
    parsed = JSON.parse(payload) as Payload | null;
  } catch {
    return []; // kept as it came although it is not JSON: nothing can be read from it, and the payload itself is shown
  }
  const ids = parsed?.data?.edit_history_tweet_ids ?? parsed?.edit_history?.edit_tweet_ids ?? [];
  if (!Array.isArray(ids)) return [];
  const valid = ids.filter((id): id is string => typeof id === 'string' && /^\d{1,20}$/.test(id));
  return [...new Set(valid)].slice(0, MOST_VERSIONS);
}

type Payload = {
  data?: { edit_history_tweet_ids?: unknown } | null;
  edit_history?: { edit_tweet_ids?: unknown } | null;
};
