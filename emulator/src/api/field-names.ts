import type { Vocabulary } from './vocabulary.ts';

/** What a client wants to see of each kind of object, in the words of 2.166. What the world has nothing for simply stays absent. */
export interface Fields {
  readonly tweet: ReadonlySet<string>;
  readonly user: ReadonlySet<string>;
  readonly media: ReadonlySet<string>;
  readonly poll: ReadonlySet<string>;
  readonly place: ReadonlySet<string>;
  readonly expansions: ReadonlySet<string>;
}

/** Values that the platform accepts, in the order in which its messages name them. Specification 2.166. */
export const TWEET_FIELDS: readonly string[] = words(
  'article attachments author_id card_uri community_id context_annotations conversation_id created_at display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang matched_media_notes media_metadata non_public_metrics note_request_suggestions note_tweet organic_metrics paid_partnership possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings scopes source suggested_source_links suggested_source_links_with_counts text withheld',
);
export const USER_FIELDS: readonly string[] = words(
  'affiliation confirmed_email connection_status created_at description entities id is_identity_verified location most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics receives_your_dm subscription subscription_type url username verified verified_followers_count verified_type withheld',
);
export const MEDIA_FIELDS: readonly string[] = words(
  'alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics public_metrics type url variants width',
);
export const POLL_FIELDS: readonly string[] = words('duration_minutes end_datetime id options voting_status');
export const PLACE_FIELDS: readonly string[] = words(
  'contained_within country country_code full_name geo id name place_type',
);
export const TWEET_EXPANSIONS: readonly string[] = words(
  'article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet attachments.poll_ids author_id edit_history_tweet_ids entities.mentions.username geo.place_id in_reply_to_user_id entities.note.mentions.username referenced_tweets.id referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id',
);
const USER_EXPANSIONS: readonly string[] = words('affiliation.user_id most_recent_tweet_id pinned_tweet_id');

/** The values of 2.167, where they are others. */
const NEW_TWEET_FIELDS: readonly string[] = words(
  'article article_title attachments card_uri community_id context_annotations conversation_id created_at display_text_range edit_controls entities geo id lang matched_media_notes media_metadata non_public_metrics note_post note_request_suggestions organic_metrics paid_partnership possibly_sensitive promoted_metrics public_metrics reply_settings scopes source suggested_source_links suggested_source_links_with_counts text withheld',
);
const NEW_USER_FIELDS: readonly string[] = words(
  'confirmed_email connection_status created_at description entities id is_identity_verified location name parody profile_banner_url profile_image_url protected public_metrics receives_your_dm subscribes_to_you subscription subscription_type url username verified verified_followers_count verified_type withheld',
);
const NEW_TWEET_EXPANSIONS: readonly string[] = words(
  'article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet attachments.poll_ids author_id edit_history_post_ids entities.mentions.username geo.place_id in_reply_to_user_id referenced_posts username',
);
const NEW_USER_EXPANSIONS: readonly string[] = words('affiliation most_recent_post_id pinned_post_id');

/** One list parameter: its name, the values it takes, and those that a message names. */
export interface FieldList {
  /** In the words of 2.166, by which its values are found. */
  readonly name: string;
  /** As messages name it. */
  readonly shownName: string;
  /** Values of both vocabularies. */
  readonly accepted: ReadonlySet<string>;
  readonly shown: readonly string[];
}

/** The field parameters of endpoints that give posts, in the order in which messages name them. */
export function tweetFieldLists(vocabulary: Vocabulary): readonly FieldList[] {
  return [
    list(vocabulary, 'expansions', TWEET_EXPANSIONS, NEW_TWEET_EXPANSIONS),
    list(vocabulary, 'tweet.fields', TWEET_FIELDS, NEW_TWEET_FIELDS),
    list(vocabulary, 'media.fields', MEDIA_FIELDS, MEDIA_FIELDS),
    list(vocabulary, 'poll.fields', POLL_FIELDS, POLL_FIELDS),
    list(vocabulary, 'place.fields', PLACE_FIELDS, PLACE_FIELDS),
    list(vocabulary, 'user.fields', USER_FIELDS, NEW_USER_FIELDS),
  ];
}

/** The same of endpoints that give accounts. */
export function userFieldLists(vocabulary: Vocabulary): readonly FieldList[] {
  return [
    list(vocabulary, 'expansions', USER_EXPANSIONS, NEW_USER_EXPANSIONS),
    list(vocabulary, 'tweet.fields', TWEET_FIELDS, NEW_TWEET_FIELDS),
    list(vocabulary, 'user.fields', USER_FIELDS, NEW_USER_FIELDS),
  ];
}

function list(vocabulary: Vocabulary, name: string, old: readonly string[], renamed: readonly string[]): FieldList {
  const isOld = vocabulary === '2.166';
  return {
    name,
    shownName: !isOld && name === 'tweet.fields' ? 'post.fields' : name,
    accepted: new Set([...old, ...renamed]),
    shown: isOld ? old : renamed,
  };
}

function words(line: string): readonly string[] {
  return line.split(' ');
}
