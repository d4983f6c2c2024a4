import type { Queryable } from '../db.ts';

/** What retention removed on a node and UTC day. `partitions`: dropped whole; `unverified`: segments whose rows stayed because they were not found whole. */
export type RetentionRun = {
  node: string;
  day: string;
  observations: number;
  posts: number;
  partitions: number;
  unverified: number;
};

/** The last day on which a node's retention ran to its end; undefined when it never did. */
export async function lastRetentionDay(db: Queryable, node: string): Promise<string | undefined> {
  const [row] = await db.query<{ day: string | null }>(
    'select max(day)::text as day from retention_runs where node = $1',
    [node],
  );
  return row?.day ?? undefined;
}

/** Notes a run; one that was repeated on the same day adds up. */
export async function recordRetention(db: Queryable, run: RetentionRun, ranAt: string): Promise<void> {
  const { node, day, observations, posts, partitions, unverified } = run;
  await db.query(
    `insert into retention_runs as r (node, day, observations, posts, partitions, unverified, ran_at) values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (node, day) do update set observations = r.observations + excluded.observations, posts = r.posts + excluded.posts,
        partitions = r.partitions + excluded.partitions, unverified = excluded.unverified, ran_at = excluded.ran_at`,
    [node, day, observations, posts, partitions, unverified, ranAt],
  );
}
