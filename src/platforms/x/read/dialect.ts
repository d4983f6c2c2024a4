/**
 * Which fields are asked for, and in which of the two vocabularies. Everything that an app's token may see is asked for by default: what an
 * archive did not ask for is gone. Values of specification 2.166, renames of 2.167; checked 2026-11-22.
 */
import type { ReadRefusal } from '../../read-adapter.ts';

/** How X is to be addressed: `words` is the vocabulary, `refused` what it did not take, as `parameter=value`. */
export type Dialect = { words: 'tweet' | 'post'; refused: readonly string[] };

export const FIRST_DIALECT: Dialect = { words: 'tweet', refused: [] };

/** What an endpoint hands out, and so what can be asked of it. `lean`: ids and references only. */
export type FieldSet = 'posts' | 'accounts' | 'account-ids' | 'none';

const list = (words: string): readonly string[] => words.split(' ');

/** Without those for the author's own eyes (non_public_metrics …), which are refused to anybody else. */
const POST_FIELDS = list(
  'article attachments author_id card_uri community_id context_annotations conversation_id created_at display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang media_metadata note_tweet paid_partnership possibly_sensitive public_metrics referenced_tweets reply_settings scopes source text withheld',
);
const USER_FIELDS = list(
  'affiliation created_at description entities id is_identity_verified location most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics subscription_type url username verified verified_followers_count verified_type withheld',
);
const MEDIA_FIELDS = list(
  'alt_text duration_ms height media_key preview_image_url public_metrics type url variants width',
);
const POLL_FIELDS = list('duration_minutes end_datetime id options voting_status');
const PLACE_FIELDS = list('contained_within country country_code full_name geo id name place_type');
const POST_EXPANSIONS = list(
  'article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet attachments.poll_ids author_id edit_history_tweet_ids entities.mentions.username geo.place_id in_reply_to_user_id entities.note.mentions.username referenced_tweets.id referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id',
);
const USER_EXPANSIONS = list('affiliation.user_id most_recent_tweet_id pinned_tweet_id');

/** Lists to ask for instead of all, by the parameters' names in the words of 2.166. */
export type ChosenFields = Readonly<Record<string, readonly string[]>>;

/** Ids, and what refers to what. */
export const MINIMAL_FIELDS: ChosenFields = {
  'tweet.fields': list('id conversation_id author_id in_reply_to_user_id referenced_tweets geo'),
  'user.fields': list('id username name pinned_tweet_id'),
  'media.fields': list('media_key'),
  'poll.fields': list('id'),
  'place.fields': list('id'),
};

/** The words of 2.167 for those of 2.166 that changed. */
const POST_WORDS: Record<string, string> = {
  edit_history_tweet_ids: 'edit_history_post_ids',
  most_recent_tweet_id: 'most_recent_post_id',
  note_tweet: 'note_post',
  pinned_tweet_id: 'pinned_post_id',
  referenced_tweets: 'referenced_posts',
  'referenced_tweets.id': 'referenced_posts',
};

/** The list parameters of a request, without those that X refused before. `without`: fields of posts to leave out; `chosen`: in place of all. */
export function fieldParameters(
  kind: FieldSet,
  { words, refused }: Dialect,
  { without = [], chosen = {} }: { without?: readonly string[] | undefined; chosen?: ChosenFields | undefined } = {},
): Record<string, string> {
  if (kind === 'none' || kind === 'account-ids') return {};
  const postFields = POST_FIELDS.filter((field) => !without.includes(field));
  const lists: Record<string, readonly string[]> =
    kind === 'posts'
      ? {
          expansions: POST_EXPANSIONS,
          'tweet.fields': postFields,
          'user.fields': USER_FIELDS,
          'media.fields': MEDIA_FIELDS,
          'poll.fields': POLL_FIELDS,
          'place.fields': PLACE_FIELDS,
        }
      : { expansions: USER_EXPANSIONS, 'tweet.fields': postFields, 'user.fields': USER_FIELDS };
  const parameters: Record<string, string> = {};
  for (const [name, all] of Object.entries(lists)) {
    const values = chosen[name] ?? all;
    const shown = words === 'post' && name === 'tweet.fields' ? 'post.fields' : name;
    const taken = values
      .map((value) => (words === 'post' ? (POST_WORDS[value] ?? value) : value))
      .filter((value) => !refused.includes(`${shown}=${value}`));
    if (taken.length > 0 && !refused.includes(shown)) parameters[shown] = [...new Set(taken)].join(',');
  }
  return parameters;
}

/**
 * The dialect to use after a refusal that names values or parameters that X does not know; undefined when the refusal is about something
 * else. A value that was refused is left out from then on; where `tweet.fields` itself is unknown, the newer words are used.
 */
export function learnDialect(dialect: Dialect, { kind, sentence, parameters }: ReadRefusal): Dialect | undefined {
  if (kind !== 'wrong-question') return undefined;
  if (
    dialect.words === 'tweet' &&
    /query parameter \[tweet\.fields\] is not one of \[[^\]]*post\.fields/.test(sentence)
  )
    return { words: 'post', refused: [] };
  const found: string[] = [];
  for (const [, parameter, value] of sentence.matchAll(
    /`?(expansions|[a-z]+\.fields)`? query parameter value \[([^\]]+)\] is not one of/g,
  ))
    found.push(...(value as string).split(',').map((one) => `${parameter}=${one.trim()}`));
  for (const [, parameter] of sentence.matchAll(/query parameter \[((?:expansions|[a-z]+\.fields))\] is not one of/g))
    found.push(parameter as string);
  const isAboutFields = parameters.length === 0 || parameters.some((name) => /^expansions$|\.fields$/.test(name));
  const fresh = found.filter((one) => !dialect.refused.includes(one));
  return isAboutFields && fresh.length > 0 ? { ...dialect, refused: [...dialect.refused, ...fresh] } : undefined;
}
