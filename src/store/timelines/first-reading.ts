import type { Queryable } from '../db.ts';
import { FOLLOWED_BY } from './timeline-collections.ts';

/**
 * What the first reading of a collection's timelines is handed out at most: `posts` of those whose profile says how many there are, each up to the
 * horizon; `unsaid`: timelines of which nobody knows. Those that were read to their end already are left out.
 */
export async function firstReading(
  db: Queryable,
  collectionId: number,
  horizon: number,
): Promise<{ timelines: number; posts: number; unsaid: number }> {
  const [row] = await db.query<{ timelines: string; posts: string; unsaid: string }>(
    `select count(*) as timelines, coalesce(sum(least(p.posts, $2)), 0) as posts, count(*) filter (where p.posts is null) as unsaid
      from collections c join followed_accounts f using (platform)
        left join timelines t on t.collection_id = c.collection_id and (t.platform, t.account_id) = (f.platform, f.account_id)
        left join lateral (select coalesce(profile->'public_metrics'->>'tweet_count', profile->>'statuses_count')::bigint as posts
          from account_profiles a where (a.platform, a.account_id) = (f.platform, f.account_id)
          order by observed_at desc limit 1) p on true
      where c.collection_id = $1 and f.active and f.state = 'public' and t.swept_at is null and ${FOLLOWED_BY}`,
    [collectionId, horizon],
  );
  return { timelines: Number(row?.timelines), posts: Number(row?.posts), unsaid: Number(row?.unsaid) };
}
