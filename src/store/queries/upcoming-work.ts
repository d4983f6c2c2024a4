/** What is to be done by schedule, and when next: for people who look whether things go on. */
import type { Queryable } from '../db.ts';
import { FOLLOWED_BY } from '../timelines/timeline-collections.ts';

/** `subject`: a collection for timelines. `due`: how many are due now. `nextAt`: null when nothing is planned. Instants ISO 8601 with Z. */
export type Upcoming = {
  kind: 'timeline' | 'accounts' | 'links';
  subject: string | null;
  planned: number;
  due: number;
  nextAt: string | null;
};

type Row = { kind: Upcoming['kind']; subject: string | null; planned: string; due: string; next_at: string | null };

/** Collections of timelines by name, then looks at accounts, then links. */
export async function upcomingWork(db: Queryable, now: string): Promise<Upcoming[]> {
  const rows = await db.query<Row>(
    `(select 'timeline' as kind, c.name as subject, count(*) as planned, count(*) filter (where t.due_at <= $1) as due,
          nullif(min(t.due_at), 'infinity') as next_at
        from timelines t join collections c using (collection_id)
          join followed_accounts f on (f.platform, f.account_id) = (t.platform, t.account_id)
        where c.wanted = 'active' and f.active and f.state in ('public', 'protected') and ${FOLLOWED_BY}
        group by c.name order by c.name)
      union all
      select 'accounts', null, count(*), count(*) filter (where check_after <= $1), nullif(min(check_after), 'infinity')
        from followed_accounts where active
      union all
      select 'links', null, count(*), count(*) filter (where due_at <= $1), min(due_at) from links where state = 'due'`,
    [now],
  );
  return rows.map((row) => ({
    ...{ kind: row.kind, subject: row.subject, nextAt: row.next_at },
    ...{ planned: Number(row.planned), due: Number(row.due) },
  }));
}
