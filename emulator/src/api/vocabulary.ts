/**
 * The two sets of words of v2. `2.166` says tweet, `2.167` says post. Everything inside speaks 2.166; names that come in are
 * understood in both, and answers are put into 2.167 at the very end.
 */
export type Vocabulary = '2.166' | '2.167';

export const VOCABULARIES: readonly Vocabulary[] = ['2.166', '2.167'];

/** Keys of answers, old and new. `tweet_count` stands in accounts' metrics and in counts, `tweets` in includes. */
const NEW_KEYS = new Map([
  ['edit_history_tweet_ids', 'edit_history_post_ids'],
  ['most_recent_tweet_id', 'most_recent_post_id'],
  ['note_tweet', 'note_post'],
  ['pinned_tweet_id', 'pinned_post_id'],
  ['referenced_tweets', 'referenced_posts'],
  ['retweet_count', 'repost_count'],
  ['total_tweet_count', 'total_post_count'],
  ['tweet_count', 'post_count'],
  ['tweets', 'posts'],
]);

/** Names of parameters, fields and expansions, new and old. */
const OLD_NAMES = new Map([
  ['post.fields', 'tweet.fields'],
  ['affiliation', 'affiliation.user_id'],
  ['edit_history_post_ids', 'edit_history_tweet_ids'],
  ['most_recent_post_id', 'most_recent_tweet_id'],
  ['note_post', 'note_tweet'],
  ['pinned_post_id', 'pinned_tweet_id'],
]);

/** The inside's name of a parameter, or of a value of the list parameter `list`. */
export function oldName(name: string, list?: string): string {
  // The only names that mean one thing as a field and another one as an expansion.
  if (name === 'referenced_posts') return list === 'expansions' ? 'referenced_tweets.id' : 'referenced_tweets';
  if (name === 'affiliation' && list !== 'expansions') return name;
  return OLD_NAMES.get(name) ?? name;
}

/** A body (plain objects, lists, strings, numbers) in the words of a vocabulary; the same one for 2.166. */
export function inVocabulary(vocabulary: Vocabulary, body: unknown): unknown {
  return vocabulary === '2.166' ? body : renamed(body);
}

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) result[NEW_KEYS.get(key) ?? key] = renamed(inner);
  // A problem names the parameter or the path that it is about in the words of the request.
  const { parameter, type } = result;
  if (typeof parameter === 'string') result['parameter'] = NEW_PATHS.get(parameter) ?? parameter;
  if (typeof type === 'string') result['type'] = type.replace('https://api.twitter.com/2/', 'https://api.x.com/2/');
  return result;
}

const NEW_PATHS = new Map([
  ['edit_history_tweet_ids', 'edit_history_post_ids'],
  ['most_recent_tweet_id', 'most_recent_post_id'],
  ['pinned_tweet_id', 'pinned_post_id'],
  ['referenced_tweets.id', 'referenced_posts'],
]);
