import type { ParameterError } from './problems.ts';

/** Values that the platform accepts; those that the world has nothing for are accepted and simply stay absent. Spec 2.166. */
const TWEET_FIELDS = words(
  'article attachments author_id card_uri community_id context_annotations conversation_id created_at display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang matched_media_notes media_metadata non_public_metrics note_request_suggestions note_tweet organic_metrics paid_partnership possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings scopes source suggested_source_links suggested_source_links_with_counts text withheld',
);
const USER_FIELDS = words(
  'affiliation confirmed_email connection_status created_at description entities id is_identity_verified location most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics receives_your_dm subscription subscription_type url username verified verified_followers_count verified_type withheld',
);
const MEDIA_FIELDS = words(
  'alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics public_metrics type url variants width',
);
const POLL_FIELDS = words('duration_minutes end_datetime id options voting_status');
const PLACE_FIELDS = words('contained_within country country_code full_name geo id name place_type');
const EXPANSIONS = words(
  'article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet attachments.poll_ids author_id edit_history_tweet_ids entities.mentions.username geo.place_id in_reply_to_user_id entities.note.mentions.username referenced_tweets.id referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id',
);

/** In the order in which the platform's messages name them. `post.fields` is the newer name of `tweet.fields`. */
const LISTS = new Map<string, readonly string[]>([
  ['expansions', EXPANSIONS],
  ['tweet.fields', TWEET_FIELDS],
  ['media.fields', MEDIA_FIELDS],
  ['poll.fields', POLL_FIELDS],
  ['place.fields', PLACE_FIELDS],
  ['user.fields', USER_FIELDS],
]);
const NAMES = ['backfill_minutes', ...LISTS.keys()];
const MAX_BACKFILL_MINUTES = 5;

/** What a client wants to see of each post. */
export interface StreamFields {
  readonly tweet: ReadonlySet<string>;
  readonly user: ReadonlySet<string>;
  readonly expansions: ReadonlySet<string>;
}

export interface StreamParameters {
  readonly fields: StreamFields;
  /** 0 .. 5 */
  readonly backfillMinutes: number;
}

/** Reads the query of `GET /2/tweets/sample/stream`. Blank values are allowed; every fault is reported. */
export function readStreamParameters(
  query: URLSearchParams,
): { ok: true; parameters: StreamParameters } | { ok: false; errors: readonly ParameterError[] } {
  const errors: ParameterError[] = [];
  const values = new Map<string, ReadonlySet<string>>();
  let backfillMinutes = 0;
  for (const given of new Set(query.keys())) {
    const name = given === 'post.fields' ? 'tweet.fields' : given;
    const raw = query.getAll(given).filter((value) => value !== '');
    const allowed = LISTS.get(name);
    if (allowed !== undefined) {
      const list = raw.flatMap((value) => value.split(',')).filter((value) => value !== '');
      const unknown = list.find((value) => !allowed.includes(value));
      if (unknown !== undefined) errors.push(valueError(given, raw, unknown, `is not one of [${allowed.join(',')}]`));
      values.set(name, new Set([...(values.get(name) ?? []), ...list]));
    } else if (name === 'backfill_minutes') {
      const value = raw[0] ?? '0';
      backfillMinutes = /^[+-]?\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (!(backfillMinutes >= 0 && backfillMinutes <= MAX_BACKFILL_MINUTES)) {
        errors.push(valueError(given, raw, value, `is not between 0 and ${MAX_BACKFILL_MINUTES}`));
      }
    } else {
      const message = `The query parameter [${given}] is not one of [${NAMES.join(',')}]`;
      errors.push({ parameters: { [given]: query.getAll(given) }, message });
    }
  }
  if (errors.length > 0) return { ok: false, errors };
  const fields: StreamFields = {
    tweet: values.get('tweet.fields') ?? new Set(),
    user: values.get('user.fields') ?? new Set(),
    expansions: values.get('expansions') ?? new Set(),
  };
  return { ok: true, parameters: { fields, backfillMinutes } };
}

function valueError(name: string, raw: readonly string[], value: string, complaint: string): ParameterError {
  return { parameters: { [name]: raw }, message: `The \`${name}\` query parameter value [${value}] ${complaint}` };
}

function words(list: string): readonly string[] {
  return list.split(' ');
}
