/** Lists of ids whose posts are asked for, and what became of each id. */
import { noteLooks } from '../withdrawals/note-looks.ts';
import { MistnetError } from '../../core/errors.ts';
import type { Queryable } from '../db.ts';

export type HydrationState = 'filling' | 'running' | 'paused' | 'done' | 'cancelled';

/** What became of an id; `invalid`: it was none. */
export type HydrationOutcome = 'ok' | 'deleted' | 'protected' | 'suspended' | 'not_found' | 'error' | 'invalid';

/** Lists to ask for in place of all, by X's parameters (`chosen`), and fields of posts that are not asked for (`without`). */
export type HydrationFields = { chosen?: Readonly<Record<string, readonly string[]>>; without?: readonly string[] };

/** `name`: of its collection; `fields` null: all that may be seen. Instants ISO 8601 with Z. */
export type Hydration = {
  hydrationId: number;
  collectionId: number;
  name: string;
  api: 'v2' | 'v1.1';
  credential: string | null;
  fields: HydrationFields | null;
  source: string;
  state: HydrationState;
  reason: string | null;
  round: number;
  addedAt: string;
  finishedAt: string | null;
};

type Row = {
  hydration_id: number;
  collection_id: number;
  name: string;
  api: Hydration['api'];
  credential: string | null;
  fields: HydrationFields | null;
  source: string;
  state: HydrationState;
  reason: string | null;
  round: number;
  added_at: string;
  finished_at: string | null;
};

const SELECT = `select h.hydration_id, h.collection_id, c.name, h.api, p.body->>'credential' as credential, h.fields, h.source, h.state, h.reason,
    h.round, h.added_at, h.finished_at
  from hydrations h join collections c using (collection_id) join plans p using (collection_id)`;

/** Makes a list for a collection, or answers with the one of the same source that was not filled to its end. Throws `collection.invalid`. */
export async function addHydration(
  tx: Queryable,
  wish: {
    collectionId: number;
    name: string;
    api: Hydration['api'];
    fields?: HydrationFields;
    source: string;
    atMs: number;
  },
): Promise<number> {
  const { collectionId, name, api, fields, source, atMs } = wish;
  const [row] = await tx.query<{ hydration_id: number }>(
    `insert into hydrations (collection_id, platform, api, source, state, added_at, fields) values ($1, 'x', $2, $3, 'filling', $4, $5)
      on conflict (collection_id) do update set source = excluded.source, fields = excluded.fields
        where hydrations.state = 'filling' and hydrations.source = excluded.source and hydrations.api = excluded.api
      returning hydration_id`,
    [collectionId, api, source, new Date(atMs).toISOString(), fields === undefined ? null : JSON.stringify(fields)],
  );
  if (row !== undefined) return row.hydration_id;
  throw new MistnetError(
    'collection.invalid',
    `Collection "${name}" has a list of ids already: mistnet hydration show ${name}. Choose another name.`,
  );
}

export type HydrationId = { position: number; postId: string; existed: boolean; invalid?: string };

/** Adds ids; those that are there already stay as they are. */
export async function fillHydration(db: Queryable, hydrationId: number, ids: readonly HydrationId[]): Promise<void> {
  await db.query(
    `insert into hydration_ids (hydration_id, position, post_id, existed, outcome, message)
      select $1, * from unnest($2::bigint[], $3::text[], $4::boolean[], $5::text[], $6::text[]) on conflict do nothing`,
    [
      hydrationId,
      ids.map(({ position }) => position),
      ids.map(({ postId }) => postId),
      ids.map(({ existed }) => existed),
      ids.map(({ invalid }) => (invalid === undefined ? null : 'invalid')),
      ids.map(({ invalid }) => invalid ?? null),
    ],
  );
}

/** All lists, or the one of a collection; the newest first. */
export async function listHydrations(db: Queryable, name?: string): Promise<Hydration[]> {
  const rows = await db.query<Row>(`${SELECT} where $1::text is null or c.name = $1 order by h.hydration_id desc`, [
    name ?? null,
  ]);
  return rows.map(toHydration);
}

/** Throws `collection.unknown`. */
export async function findHydration(db: Queryable, name: string): Promise<Hydration> {
  const [found] = await listHydrations(db, name);
  if (found !== undefined) return found;
  throw new MistnetError(
    'collection.unknown',
    `There is no list of ids "${name}". mistnet hydration list shows those there are.`,
  );
}

/** Those that are to be worked on at this instant. */
export async function hydrationsToRun(db: Queryable, atMs: number): Promise<Pick<Hydration, 'hydrationId' | 'name'>[]> {
  const rows = await db.query<{ hydration_id: number; name: string }>(
    `select hydration_id, name from hydrations join collections using (collection_id)
      where hydrations.state = 'running' or (hydrations.state = 'paused' and look_after <= $1) order by hydration_id`,
    [new Date(atMs).toISOString()],
  );
  return rows.map(({ hydration_id, name }) => ({ hydrationId: hydration_id, name }));
}

/** As it stands; undefined when its collection is gone. */
export async function hydrationById(db: Queryable, hydrationId: number): Promise<Hydration | undefined> {
  const [row] = await db.query<Row>(`${SELECT} where h.hydration_id = $1`, [hydrationId]);
  return row === undefined ? undefined : toHydration(row);
}

/** Changes the state unless it is another one than `from` by now; true when it was changed. */
export async function setHydrationState(
  db: Queryable,
  hydrationId: number,
  change: { from: readonly HydrationState[]; to: HydrationState; atMs: number; reason?: string; lookAfterMs?: number },
): Promise<boolean> {
  const { from, to, atMs, reason, lookAfterMs } = change;
  const rows = await db.query(
    `update hydrations set state = $3, reason = $4, look_after = $5, finished_at = case when $3 = 'done' then $6::timestamptz end
      where hydration_id = $1 and state = any($2) returning hydration_id`,
    [
      ...[hydrationId, from, to, reason ?? null],
      ...[lookAfterMs === undefined ? null : new Date(lookAfterMs).toISOString(), new Date(atMs).toISOString()],
    ],
  );
  return rows.length > 0;
}

/** Ids that are to be asked for, in the order of the list, behind a position. */
export async function dueIds(
  db: Queryable,
  hydrationId: number,
  { behind, limit }: { behind: string; limit: number },
): Promise<{ position: string; postId: string; existed: boolean; tries: number }[]> {
  const rows = await db.query<{ position: string; post_id: string; existed: boolean; tries: number }>(
    `select position, post_id, existed, tries from hydration_ids
      where hydration_id = $1 and outcome is null and position > $2 order by position limit $3`,
    [hydrationId, behind, limit],
  );
  return rows.map(({ post_id, ...row }) => ({ ...row, postId: post_id }));
}

/** `outcome` null: nothing was said of it; it is asked for again. */
export type IdNews = { postId: string; outcome: HydrationOutcome | null; message: string | null; at: string };

/** Notes what became of ids of a round; those that were noted already stay as they are. */
export async function noteOutcomes(
  db: Queryable,
  { hydrationId, round }: Pick<Hydration, 'hydrationId' | 'round'>,
  news: readonly IdNews[],
): Promise<void> {
  // First what exports leave out: when the outcomes are not noted any more, the ids are asked for again and say it again.
  await noteLooks(db, { platform: 'x', source: 'hydrate' }, news);
  await db.query(
    `update hydration_ids i set outcome = n.outcome, message = n.message, asked_at = n.at, tries = i.tries + 1
      from unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[]) as n (post_id, outcome, message, at)
      where i.hydration_id = $1 and i.post_id = n.post_id and i.outcome is null
        and exists (select from hydrations h where h.hydration_id = $1 and h.round = $2)`,
    [
      ...[hydrationId, round],
      news.map(({ postId }) => postId),
      news.map(({ outcome }) => outcome),
      news.map(({ message }) => message),
      news.map(({ at }) => at),
    ],
  );
}

/** How many of each outcome; `waiting`: not asked yet. `changed`: other than in the round before, by `before -> now`. */
export async function hydrationSummary(
  db: Queryable,
  hydrationId: number,
): Promise<{ outcomes: Record<string, number>; changed: Record<string, number> }> {
  const rows = await db.query<{ outcome: string | null; outcome_before: string | null; count: string }>(
    `select outcome, outcome_before, count(*) as count from hydration_ids where hydration_id = $1 group by outcome, outcome_before`,
    [hydrationId],
  );
  const outcomes: Record<string, number> = {};
  const changed: Record<string, number> = {};
  for (const { outcome, outcome_before: before, count } of rows) {
    const now = outcome ?? 'waiting';
    outcomes[now] = (outcomes[now] ?? 0) + Number(count);
    if (before !== null && outcome !== null && before !== outcome)
      changed[`${before} -> ${outcome}`] = (changed[`${before} -> ${outcome}`] ?? 0) + Number(count);
  }
  return { outcomes, changed };
}

export type IdOutcome = {
  position: string;
  id: string;
  outcome: string | null;
  message: string | null;
  at: string | null;
};

/** In the order of the list, some at a time. */
export async function* idOutcomes(
  db: Queryable,
  hydrationId: number,
  only: HydrationOutcome | undefined,
): AsyncGenerator<IdOutcome[]> {
  for (let behind = '-1'; ; ) {
    const rows = await db.query<IdOutcome>(
      `select position, post_id as id, outcome, message, asked_at as at from hydration_ids
        where hydration_id = $1 and position > $2 and ($3::text is null or outcome = $3) order by position limit 5000`,
      [hydrationId, behind, only ?? null],
    );
    if (rows.length === 0) return;
    yield rows;
    behind = (rows.at(-1) as IdOutcome).position;
  }
}

/** Begins another round with the ids of these outcomes; what they were stays to be compared with. Answers how many there are. */
export async function recheckIds(
  tx: Queryable,
  hydrationId: number,
  outcomes: readonly HydrationOutcome[],
): Promise<number> {
  const rows = await tx.query<{ count: string }>(
    `with changed as (
        update hydration_ids set outcome_before = outcome, outcome = null, message = null, tries = 0,
            existed = existed or outcome in ('ok', 'deleted')
          where hydration_id = $1 and outcome = any($2) and outcome <> 'invalid' returning 1
      ) select count(*) as count from changed`,
    [hydrationId, outcomes],
  );
  await tx.query(
    `update hydrations set round = round + 1, state = 'running', reason = null, finished_at = null where hydration_id = $1`,
    [hydrationId],
  );
  return Number(rows[0]?.count ?? 0);
}

function toHydration(row: Row): Hydration {
  const { hydration_id, collection_id, added_at, finished_at, ...rest } = row;
  return {
    ...rest,
    ...{ hydrationId: hydration_id, collectionId: collection_id, addedAt: added_at, finishedAt: finished_at },
  };
}
