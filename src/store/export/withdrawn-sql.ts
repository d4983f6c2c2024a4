/** What must not be shared any more, as SQL on a post `p`: the post itself, its author, and what it repeats. */
import type { Queryable } from '../db.ts';

/** Whether there are any; where there are none nothing has to be looked up row by row. */
export type Withdrawals = { posts: boolean; accounts: boolean };

/** Looks once; within a snapshot the answer stays true. */
export async function anyWithdrawals(snapshot: Queryable): Promise<Withdrawals> {
  const [row] = await snapshot.query<Withdrawals>(
    `select exists (select from post_withdrawals where lifted_at is null) as posts,
        exists (select from account_withdrawals where lifted_at is null)
          or exists (select from followed_accounts where state <> 'public') as accounts`,
  );
  return row ?? { posts: false, accounts: false };
}

/** Withheld in single countries is shown elsewhere; XX stands for all countries, XY for all because of copyright. */
const EVERYWHERE = "w.lifted_at is null and (w.kind <> 'withheld' or w.countries && '{XX,XY}')";
const OF_POST = `from post_withdrawals w where w.platform = p.platform and w.post_id = p.post_id and ${EVERYWHERE}`;
const OF_ACCOUNT = `from account_withdrawals w where w.platform = p.platform and w.account_id = p.account_id and w.kind <> 'places' and ${EVERYWHERE}`;
const OF_FOLLOWED =
  "from followed_accounts f where f.platform = p.platform and f.account_id = p.account_id and f.state <> 'public'";
const REFERENCES = 'from jsonb_array_elements(p.post_references) r';
const REFERENCED_GONE = `exists (select from post_withdrawals w
    where w.platform = p.platform and w.post_id = r ->> 'postId' and ${EVERYWHERE})`;
/** Its author alone is gone or protected: nothing was said of the post itself. */
const REFERENCED_BY_GONE = `(exists (select from account_withdrawals w
    where w.platform = p.platform and w.account_id = r ->> 'accountId' and w.kind <> 'places' and ${EVERYWHERE})
  or exists (select from followed_accounts f
    where f.platform = p.platform and f.account_id = r ->> 'accountId' and f.state <> 'public'))`;
const IS_REPEATED = "r ->> 'type' in ('retweeted', 'reposted')";
const REPEATED = `${REFERENCES} where ${IS_REPEATED} and ${REFERENCED_GONE}`;
const REPEATED_OF_GONE = `${REFERENCES} where ${IS_REPEATED} and ${REFERENCED_BY_GONE}`;

/** True for posts that may be shared. */
export function mayBeShared({ posts, accounts }: Withdrawals): string {
  const conditions = [
    ...(posts ? [OF_POST, REPEATED] : []),
    ...(accounts ? [OF_ACCOUNT, OF_FOLLOWED, REPEATED_OF_GONE] : []),
  ].map((from) => `not exists (select ${from})`);
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}

/** One word or two for why a post may not be shared; null for the others. */
export function reasonSql({ posts, accounts }: Withdrawals): string {
  const reasons = [
    ...(posts ? [`(select w.kind ${OF_POST} order by w.kind limit 1)`] : []),
    ...(accounts
      ? [
          `(select 'account ' || w.kind ${OF_ACCOUNT} order by w.kind limit 1)`,
          `(select 'account ' || f.state ${OF_FOLLOWED})`,
        ]
      : []),
    ...(posts ? [`(select 'repeats a withdrawn post' ${REPEATED} limit 1)`] : []),
    ...(accounts ? [`(select 'repeats a post of a withdrawn account' ${REPEATED_OF_GONE} limit 1)`] : []),
  ];
  return reasons.length === 0 ? 'null::text' : `coalesce(${reasons.join(', ')})`;
}

/** All that was said of a post and its author, a blank between: `deleted withheld:DE+FR account:protected places`; null for nothing. */
export function marksSql({ posts, accounts }: Withdrawals): string {
  const said = "w.kind || coalesce(':' || array_to_string(w.countries, '+'), '')";
  const all = [
    ...(posts
      ? [
          `select ${said} from post_withdrawals w
            where w.platform = p.platform and w.post_id = p.post_id and w.lifted_at is null`,
        ]
      : []),
    ...(accounts
      ? [
          `select case when w.kind = 'places' then 'places' else 'account:' || ${said} end from account_withdrawals w
            where w.platform = p.platform and w.account_id = p.account_id and w.lifted_at is null
              and (w.kind <> 'places' or (length(p.post_id), p.post_id) <= (length(w.up_to_post_id), w.up_to_post_id))`,
          `select 'account:' || f.state ${OF_FOLLOWED}`,
        ]
      : []),
  ];
  return all.length === 0
    ? 'null::text'
    : `(select string_agg(mark, ' ' order by mark) from (${all.join(' union ')}) said(mark))`;
}

/** Ids of posts that this one points at and that may not be shown, a blank between; null for none. */
export function withdrawnReferencesSql({ posts, accounts }: Withdrawals): string {
  const gone = [...(posts ? [REFERENCED_GONE] : []), ...(accounts ? [REFERENCED_BY_GONE] : [])].join(' or ');
  return gone === '' ? 'null::text' : `(select string_agg(distinct r ->> 'postId', ' ') ${REFERENCES} where ${gone})`;
}
