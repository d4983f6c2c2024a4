/** Posts as lists show them: what is stored, what the payload says beyond it, and which collections met them. */
import type { PostCounts, PostKind, Reference } from '../../core/post.ts';
import { decodeLine } from '../../platforms/x/decode.ts';
import { postDetails } from '../../platforms/x/post-details.ts';
import { postPlace } from '../../platforms/x/post-place.ts';
import { snowflakeToMs } from '../../core/snowflake.ts';
import type { Queryable } from '../db.ts';
import { SEARCH_AT } from './index-backlog.ts';
import { kindOf } from './search-row.ts';
import { type CollectionSight, notWithdrawn, placesTakenBack } from './search-filter.ts';

export type PostKey = { platform: string; postId: string };

/** `withheld`: the platform does not show it in these countries. `at`: -infinity when nothing says. */
export type StoredPost = PostKey & {
  accountId: string | null;
  handle: string | null;
  name: string | null;
  at: string;
  postedAt: string | null;
  capturedAt: string;
  text: string | null;
  lang: string | null;
  kind: PostKind;
  references: Reference[];
  links: { url: string; expanded: string }[];
  media: string[];
  place: string | null;
  latitude: number | null;
  longitude: number | null;
  sensitive: boolean | null;
  counts: { [count in keyof Required<PostCounts>]: number | null };
  /** Ids of those that may be seen. */
  collectionIds: number[];
  withheld: { of: 'post' | 'account'; notedAt: string; countries: string[] } | null;
  address: string | null;
  /** As received. */
  payload: string;
  /** Whether the author took back where it was written: the payload still says it, and must not be handed out. */
  placeless: boolean;
  /** Columns whose text could not be kept exactly. */
  altered: string[];
};

type Row = {
  platform: string;
  post_id: string;
  account_id: string | null;
  at: string;
  posted_at: string | null;
  captured_at: string;
  text: string | null;
  lang: string | null;
  post_references: Reference[] | null;
  payload: string;
  altered: string[] | null;
  handle: string | null;
  name: string | null;
  collection_ids: number[] | null;
  placeless: boolean;
  withheld: { of: 'post' | 'account'; notedAt: string; countries: string[] | null } | null;
};

/**
 * The posts in the order asked for; those that are not there, are taken back, or that only collections out of sight met, are left out. So is a post that
 * was loaded just now and is not in the index yet, unless the caller knows that it may be seen: `unindexed`.
 */
export async function postSummaries(
  db: Queryable,
  keys: readonly PostKey[],
  sight: CollectionSight,
  { unindexed = false }: { unindexed?: boolean } = {},
): Promise<StoredPost[]> {
  const rows = await db.query<Row>(
    `select p.platform, p.post_id, p.account_id, p.at, p.posted_at, p.captured_at, p.text, p.lang, p.post_references, p.payload::text as payload, p.altered,
        a.handle, a.name, s.collection_ids, ${placesTakenBack('p')} as placeless, coalesce(
          (select json_build_object('of', 'post', 'notedAt', w.noted_at, 'countries', w.countries) from post_withdrawals w
            where w.platform = p.platform and w.post_id = p.post_id and w.kind = 'withheld' and w.lifted_at is null),
          (select json_build_object('of', 'account', 'notedAt', w.noted_at, 'countries', w.countries) from account_withdrawals w
            where w.platform = p.platform and w.account_id = p.account_id and w.kind = 'withheld' and w.lifted_at is null)) as withheld
      from (select p.*, k.place, ${SEARCH_AT('p')} as at
          from unnest($1::text[], $2::text[], $3::timestamptz[]) with ordinality as k (platform, post_id, id_at, place)
          join posts p on p.platform = k.platform and p.post_id = k.post_id and p.id_at = k.id_at) p
      ${unindexed ? 'left' : ''} join post_search s on s.at = p.at and s.post_id = p.post_id and s.platform = p.platform
      left join accounts a on a.platform = p.platform and a.account_id = p.account_id
      where ($4::integer[] is null or s.collection_ids && $4 ${unindexed ? 'or s.post_id is null' : ''}) and ${notWithdrawn('p')}
      order by p.place`,
    [
      keys.map(({ platform }) => platform),
      keys.map(({ postId }) => postId),
      keys.map(({ postId }) => idAt(postId)),
      sight === 'all' ? null : sight,
    ],
  );
  return rows.map((row) => toStored(row, sight));
}

/** The instant in an id as tables have it. */
export function idAt(postId: string): string {
  const ms = snowflakeToMs(postId);
  return ms === undefined ? '-infinity' : new Date(ms).toISOString();
}

function toStored(row: Row, sight: CollectionSight): StoredPost {
  const details = postDetails(row.payload);
  const place = row.placeless ? undefined : postPlace(row.payload);
  const decoded = decodeLine(row.payload);
  const counts = decoded.kind === 'post' ? (decoded.post.counts ?? {}) : {};
  const references = row.post_references ?? [];
  const handle = details.author?.handle ?? row.handle;
  const { reposts = null, replies = null, likes = null, quotes = null, bookmarks = null, impressions = null } = counts;
  return {
    ...{ platform: row.platform, postId: row.post_id, accountId: row.account_id, handle },
    name: details.author?.name ?? row.name,
    ...{ at: row.at, postedAt: row.posted_at, capturedAt: row.captured_at, text: row.text, lang: row.lang },
    ...{ kind: kindOf(references, details.isRepost), references, links: details.links, media: details.mediaUrls },
    place: row.placeless ? null : (details.place ?? null),
    latitude: place?.latitude ?? null,
    longitude: place?.longitude ?? null,
    sensitive: details.sensitive ?? null,
    counts: { reposts, replies, likes, quotes, bookmarks, impressions },
    collectionIds: (row.collection_ids ?? []).filter((id) => sight === 'all' || sight.includes(id)),
    withheld: row.withheld === null ? null : { ...row.withheld, countries: row.withheld.countries ?? [] },
    address: addressOf(row, handle),
    payload: row.payload,
    placeless: row.placeless,
    altered: row.altered ?? [],
  };
}

/** Names may have changed hands; the platform finds a post by its id, whatever name stands there. */
function addressOf({ platform, post_id: postId }: Row, handle: string | null): string | null {
  return platform === 'x'
    ? `https://x.com/${encodeURIComponent(handle ?? 'i/web')}/status/${postId}`.replace('i%2Fweb', 'i/web')
    : null;
}
