import type { Database, Queryable } from '../db.ts';

/** What retention removed on a node and UTC day. `partitions`: dropped whole; `unverified`: segments whose rows stayed because they were not found whole. */
export type RetentionRun = {
  node: string;
  day: string;
  observations: number;
  posts: number;
  partitions: number;
  unverified: number;
};

/** A segment whose rows stayed, and why, in a sentence's half. */
export type LackingSegment = { plan: string; node: string; segment: string; reason: string };

/** A run's part in a collection. */
export type RetentionShare = { observations: number; unverified: number };

export type RetentionDetails = { shares: ReadonlyMap<number, RetentionShare>; lacking: LackingSegment[] };

/** A run as people see it: `collections` and `lacking` of all collections, or of the one that was asked for. */
export type ShownRetentionRun = RetentionRun & {
  ranAt: string;
  collections: ({ collection: string } & RetentionShare)[];
  lacking: { collection: string; node: string; segment: string; reason: string }[];
};

/** So many segments of a run are kept by name; `unverified` counts all. */
const KEPT_LACKING = 100;

/** The last day on which a node's retention ran to its end; undefined when it never did. */
export async function lastRetentionDay(db: Queryable, node: string): Promise<string | undefined> {
  const [row] = await db.query<{ day: string | null }>(
    'select max(day)::text as day from retention_runs where node = $1',
    [node],
  );
  return row?.day ?? undefined;
}

/** Notes a run; of one that was repeated on the same day what went adds up, and what stayed is as of now. */
export async function recordRetention(
  db: Database,
  run: RetentionRun,
  { shares, lacking }: RetentionDetails,
  ranAt: string,
): Promise<void> {
  const { node, day, observations, posts, partitions, unverified } = run;
  await db.transaction(async (tx) => {
    await tx.query(
      `insert into retention_runs as r (node, day, observations, posts, partitions, unverified, ran_at, lacking)
          values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (node, day) do update set observations = r.observations + excluded.observations, posts = r.posts + excluded.posts,
          partitions = r.partitions + excluded.partitions, unverified = excluded.unverified, ran_at = excluded.ran_at,
          lacking = excluded.lacking`,
      [
        ...[node, day, observations, posts, partitions, unverified, ranAt],
        JSON.stringify(lacking.slice(0, KEPT_LACKING)),
      ],
    );
    await tx.query('update retention_shares set unverified = 0 where node = $1 and day = $2', [node, day]);
    await tx.query(
      `insert into retention_shares as s (node, day, collection_id, observations, unverified)
          select $1, $2, * from unnest($3::integer[], $4::bigint[], $5::integer[])
        on conflict (collection_id, day, node) do update set observations = s.observations + excluded.observations,
          unverified = excluded.unverified`,
      [
        ...[node, day, [...shares.keys()]],
        [...shares.values()].map((share) => share.observations),
        [...shares.values()].map((share) => share.unverified),
      ],
    );
  });
}

/** Runs, newest day first, by node within a day; `before` goes on after the last one of the page before. */
export async function retentionRuns(
  db: Queryable,
  options: { collectionId?: number; before?: { day: string; node: string }; limit?: number } = {},
): Promise<ShownRetentionRun[]> {
  const { collectionId, before, limit = 100 } = options;
  const rows = await db.query<Row>(
    `select r.node, r.day::text, r.observations, r.posts, r.partitions, r.unverified, r.ran_at,
        (select coalesce(jsonb_agg(jsonb_build_object('collection', c.name, 'observations', s.observations,
            'unverified', s.unverified) order by c.name), '[]')
          from retention_shares s join collections c using (collection_id)
          where s.node = r.node and s.day = r.day and ($1::integer is null or collection_id = $1)) as collections,
        (select coalesce(jsonb_agg(jsonb_build_object('collection', c.name, 'node', l.one->>'node',
            'segment', l.one->>'segment', 'reason', l.one->>'reason') order by l.at), '[]')
          from jsonb_array_elements(r.lacking) with ordinality as l (one, at)
            join (select distinct collection_id, plan from collection_plans) p on p.plan = l.one->>'plan' join collections c using (collection_id)
          where $1::integer is null or collection_id = $1) as lacking
      from retention_runs r
      where $2::date is null or r.day < $2 or (r.day = $2 and r.node > $3 collate "C")
      order by r.day desc, r.node limit $4`,
    [collectionId ?? null, before?.day ?? null, before?.node ?? null, limit],
  );
  return rows.map(({ ran_at, observations, posts, ...row }) => ({
    ...row,
    observations: Number(observations),
    posts: Number(posts),
    ranAt: ran_at,
  }));
}

type Row = Omit<ShownRetentionRun, 'ranAt' | 'observations' | 'posts'> & {
  ran_at: string;
  observations: string;
  posts: string;
};
