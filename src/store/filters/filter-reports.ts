/** What people ask about a filter collection: its rules at the platform, its seeds with what they found, the posts of one of them. */
import type { ClauseSource } from '../../core/rules/compile.ts';
import type { StreamMeaning } from '../../core/rules/meaning.ts';
import type { Queryable } from '../db.ts';

/**
 * A rule that bears clauses of the collection. `clauses`: only the collection's. `ruleId`: the platform's, null until it is there.
 * `error`: what the platform said of it. Instants ISO 8601 with Z.
 */
export type CollectionRule = {
  tag: string;
  value: string;
  clauses: string[];
  ruleId: string | null;
  state: 'wanted' | 'present' | 'leaving';
  wantedAt: string;
  presentAt: string | null;
  error: string | null;
};

/** The stream that a collection shares: how far the platform has what is wanted, and what it says. */
export type CollectionStream = {
  plan: string;
  credential: string;
  isSynced: boolean;
  syncedAt: string | null;
  error: string | null;
  rules: CollectionRule[];
};

/** The stream that a collection is active on, with the rules that bear its clauses; undefined while it is stopped. */
export async function rulesOfCollection(db: Queryable, collectionId: number): Promise<CollectionStream | undefined> {
  const [stream] = await db.query<{
    plan: string;
    credential: string;
    is_synced: boolean;
    synced_at: string | null;
    error: string | null;
    meaning: StreamMeaning;
    name: string;
  }>(
    `select f.plan, f.credential, f.synced_revision = f.revision as is_synced, f.synced_at, f.error, f.meaning, c.name
      from filter_members m join filter_streams f using (plan) join collections c using (collection_id)
      where m.collection_id = $1 and m.to_at is null`,
    [collectionId],
  );
  if (stream === undefined) return undefined;
  const own = stream.meaning.collections.find(({ name }) => name === stream.name)?.clauses.map(({ key }) => key) ?? [];
  const rules = await db.query<{
    tag: string;
    value: string;
    clauses: string[];
    rule_id: string | null;
    state: CollectionRule['state'];
    wanted_at: string;
    present_at: string | null;
    error: string | null;
  }>(
    `select tag, value, (select coalesce(jsonb_agg(k), '[]') from jsonb_array_elements_text(clauses) k where k = any($2)) as clauses,
        rule_id, case when unwanted_at is not null then 'leaving' when present_at is null then 'wanted' else 'present' end as state,
        wanted_at, present_at, error
      from filter_rules where plan = $1 and gone_at is null and jsonb_exists_any(clauses, $2::text[]) order by rule_no`,
    [stream.plan, own],
  );
  return {
    ...{
      plan: stream.plan,
      credential: stream.credential,
      isSynced: stream.is_synced,
      syncedAt: stream.synced_at,
      error: stream.error,
    },
    rules: rules.map((row) => ({
      ...{ tag: row.tag, value: row.value, clauses: row.clauses, ruleId: row.rule_id, state: row.state },
      ...{ wantedAt: row.wanted_at, presentAt: row.present_at, error: row.error },
    })),
  };
}

/** A word, person or place of a collection's filter, of any version. `posts`: meetings that it found since `since`. */
export type CollectionSeed = ClauseSource & {
  seedId: number;
  isCurrent: boolean;
  posts: number;
  lastAt: string | null;
};

/**
 * The seeds of a filter collection with what each found, by kind and text. `since` bounds how far back it counts (ISO 8601), for
 * counting reads the collection's observations from there on. `isCurrent`: the newest version asks for it.
 */
export async function seedsOfCollection(
  db: Queryable,
  collectionId: number,
  { current, since }: { current: readonly ClauseSource[]; since: string },
): Promise<CollectionSeed[]> {
  const rows = await db.query<{
    seed_id: number;
    kind: ClauseSource['kind'];
    text: string;
    posts: string;
    last_at: string | null;
  }>(
    `with found as (
        select seed, count(*) as posts, max(captured_at) as last_at from observations, unnest(matched) as seed
          where collection_id = $1 and captured_at >= $2 group by seed)
      select s.seed_id, s.kind, s.text, coalesce(f.posts, 0) as posts, f.last_at
        from filter_seeds s left join found f on f.seed = s.seed_id where s.collection_id = $1 order by s.kind, s.text`,
    [collectionId, since],
  );
  const now = new Set(current.map(({ kind, text }) => `${kind} ${text}`));
  return rows.map(({ seed_id, kind, text, posts, last_at }) => ({
    ...{ seedId: seed_id, kind, text, posts: Number(posts), lastAt: last_at },
    isCurrent: now.has(`${kind} ${text}`),
  }));
}

/** A post that a collection's filter found. `seeds`: which words, people or places; empty where only the rule is known. */
export type CollectionMatch = {
  platform: string;
  postId: string;
  capturedAt: string;
  seeds: ClauseSource[];
  cursor: MatchCursor;
};
export type MatchCursor = { capturedAt: string; segmentId: string; offset: string };

/** Matches of a collection, or of one of its seeds, newest first, from below a cursor. */
export async function matchesOfCollection(
  db: Queryable,
  collectionId: number,
  { seedId, before, limit = 50 }: { seedId?: number; before?: MatchCursor; limit?: number } = {},
): Promise<CollectionMatch[]> {
  const rows = await db.query<{
    platform: string;
    post_id: string;
    captured_at: string;
    segment_id: string;
    content_offset: string;
    seeds: ClauseSource[];
  }>(
    `select o.platform, o.post_id, o.captured_at, o.segment_id, o.content_offset,
        (select coalesce(jsonb_agg(jsonb_build_object('kind', s.kind, 'text', s.text) order by s.kind, s.text), '[]')
          from filter_seeds s where s.seed_id = any(o.matched)) as seeds
      from observations o
      where o.collection_id = $1 and o.matched is not null and ($2::integer is null or o.matched @> array[$2::integer])
        and ($3::timestamptz is null or (o.captured_at, o.segment_id, o.content_offset) < ($3, $4::bigint, $5::bigint))
      order by o.captured_at desc, o.segment_id desc, o.content_offset desc limit $6`,
    [
      collectionId,
      seedId ?? null,
      before?.capturedAt ?? null,
      before?.segmentId ?? null,
      before?.offset ?? null,
      limit,
    ],
  );
  return rows.map(({ platform, post_id, captured_at, segment_id, content_offset, seeds }) => ({
    ...{ platform, postId: post_id, capturedAt: captured_at, seeds },
    cursor: { capturedAt: captured_at, segmentId: segment_id, offset: content_offset },
  }));
}
