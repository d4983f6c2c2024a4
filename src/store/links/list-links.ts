/** The list of links and what became of them. */
import type { Queryable } from '../db.ts';

export type LinkState = 'due' | 'done' | 'refused' | 'unreachable';

/** `checkedFrom` inclusive, `checkedTo` exclusive; `slowerMs`, `fasterMs`: the newest try took at least so long, and less than so long. */
export type LinkFilter = {
  status?: number;
  state?: LinkState;
  checkedFrom?: string;
  checkedTo?: string;
  slowerMs?: number;
  fasterMs?: number;
  limit: number;
};

/** `posts`: how many link to it. Null: not known yet, or no answer. Instants ISO 8601 with Z. */
export type LinkRecord = {
  url: string;
  state: LinkState;
  tries: number;
  dueAt: string | null;
  finalUrl: string | null;
  finalStatus: number | null;
  finalHeaders: unknown;
  history: unknown;
  durationMs: number | null;
  checkedAt: string | null;
  cause: string | null;
  posts: number;
};

type Row = {
  url: string;
  state: LinkState;
  tries: number;
  due_at: string | null;
  final_url: string | null;
  final_status: number | null;
  final_headers: unknown;
  history: unknown;
  duration_ms: number | null;
  checked_at: string | null;
  cause: string | null;
  posts: string;
};

/** Checked last comes first; never checked comes at the end. */
export async function listLinks(db: Queryable, filter: LinkFilter): Promise<LinkRecord[]> {
  const { status, state, checkedFrom, checkedTo, slowerMs, fasterMs, limit } = filter;
  const rows = await db.query<Row>(
    `select url, state, tries, due_at, final_url, final_status, final_headers, history, duration_ms, checked_at, cause,
        (select count(distinct (platform, post_id)) from post_links p where p.link_id = l.link_id) as posts
      from links l
      where ($1::integer is null or final_status = $1) and ($2::text is null or state = $2)
        and ($3::timestamptz is null or checked_at >= $3) and ($4::timestamptz is null or checked_at < $4)
        and ($5::integer is null or duration_ms >= $5) and ($6::integer is null or duration_ms < $6)
      order by checked_at desc nulls last, link_id limit ${Math.floor(limit)}`,
    [status ?? null, state ?? null, checkedFrom ?? null, checkedTo ?? null, slowerMs ?? null, fasterMs ?? null],
  );
  return rows.map((row) => ({
    url: row.url,
    state: row.state,
    tries: row.tries,
    dueAt: row.due_at,
    finalUrl: row.final_url,
    finalStatus: row.final_status,
    finalHeaders: row.final_headers,
    history: row.history,
    durationMs: row.duration_ms,
    checkedAt: row.checked_at,
    cause: row.cause,
    posts: Number(row.posts),
  }));
}
