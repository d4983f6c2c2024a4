/** The list of exports: asked for, under way, done. */
import { MistnetError } from '../../core/errors.ts';
import type { Queryable } from '../db.ts';
import { closestNames } from '../queries/closest-names.ts';

export type ExportState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** `request` as it was asked for; `rowsTotal` undefined until counted; instants ISO 8601 with Z. */
export type ExportRecord = {
  exportId: string;
  name: string;
  node: string;
  folder: string;
  request: unknown;
  background: boolean;
  /** The signed-in user who asked; absent for a command on the machine. */
  askedBy?: string;
  state: ExportState;
  rowsTotal?: number;
  rowsDone: number;
  bytesDone: number;
  reason?: string;
  askedAt: string;
  startedAt?: string;
  finishedAt?: string;
};

/** `rowsTotal`: undefined until counted. */
export type ExportProgressRow = { rowsTotal?: number; rowsDone: number; bytesDone: number };

type Row = {
  export_id: string;
  name: string;
  node: string;
  folder: string;
  request: unknown;
  background: boolean;
  asked_by: string | null;
  state: ExportState;
  rows_total: string | null;
  rows_done: string;
  bytes_done: string;
  reason: string | null;
  asked_at: string;
  started_at: string | null;
  finished_at: string | null;
};

const COLUMNS =
  'export_id, name, node, folder, request, background, asked_by, state, rows_total, rows_done, bytes_done, reason, asked_at, started_at, finished_at';

/**
 * Notes an export under its name. One that failed or was cancelled may be asked for again under the same name, as may one in the foreground that
 * its command left behind; whether that still runs is the lock's to say. Throws `export.refused` when the name is taken.
 */
export async function askForExport(
  db: Queryable,
  wish: {
    name: string;
    node: string;
    folder: string;
    request: unknown;
    background: boolean;
    askedAt: string;
    askedBy?: string;
  },
): Promise<ExportRecord> {
  const { name, node, folder, request, background, askedAt, askedBy = null } = wish;
  const [row] = await db.query<Row>(
    `insert into exports as e (name, node, folder, request, background, state, asked_at, asked_by) values ($1, $2, $3, $4, $5, 'queued', $6, $7)
      on conflict (name) do update set node = $2, folder = $3, request = $4, background = $5, state = 'queued', asked_at = $6, asked_by = $7,
        cancel_wanted = false, rows_total = null, rows_done = 0, bytes_done = 0, reason = null, started_at = null, progressed_at = null, finished_at = null
        where e.state in ('failed', 'cancelled') or (e.state in ('queued', 'running') and not e.background)
      returning ${COLUMNS}`,
    [name, node, folder, JSON.stringify(request), background, askedAt, askedBy],
  );
  if (row !== undefined) return toRecord(row);
  throw new MistnetError('export.refused', `There is an export "${name}" already; give another name by --name.`);
}

/** The export of this name; throws `export.unknown`, naming those that may have been meant. */
export async function findExport(db: Queryable, name: string): Promise<ExportRecord> {
  const [row] = await db.query<Row>(`select ${COLUMNS} from exports where name = $1`, [name]);
  if (row !== undefined) return toRecord(row);
  const names = await db.query<{ name: string }>('select name from exports order by asked_at desc limit 1000');
  const near = closestNames(
    name,
    names.map((known) => known.name),
  );
  throw new MistnetError(
    'export.unknown',
    `There is no export "${name}". ${near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'mistnet export list shows those that exist.'}`,
  );
}

/** Of the list: at most `limit`, those after `before`. `collections`: exports of these collections alone, and those that `askedBy` asked for. */
export type ExportPage = {
  limit?: number;
  before?: string;
  only?: string;
  collections?: readonly string[];
  askedBy?: string;
};

/** Newest first; of one name only when `only` says so. */
export async function listExports(db: Queryable, page: ExportPage = {}): Promise<ExportRecord[]> {
  const { limit = 1000, before, only, collections, askedBy } = page;
  const rows = await db.query<Row>(
    `select ${COLUMNS} from exports
      where ($1::text is null or name = $1)
        and ($2::bigint is null or (asked_at, export_id) < (select asked_at, export_id from exports where export_id = $2))
        and ($3::text[] is null or asked_by = $4
          or (request #>> '{from,kind}' = 'collection' and request #>> '{from,name}' = any($3)))
      order by asked_at desc, export_id desc limit ${Math.floor(limit)}`,
    [only ?? null, before ?? null, collections ?? null, askedBy ?? null],
  );
  return rows.map(toRecord);
}

/** Background exports of a node that nobody works on: waiting, or silent for so long that their worker must be gone. */
export async function exportsToRun(db: Queryable, node: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select name from exports where node = $1 and background
        and (state = 'queued' or (state = 'running' and progressed_at < now() - interval '${SILENT_S} s'))
      order by asked_at, export_id`,
    [node],
  );
  return rows.map(({ name }) => name);
}

const SILENT_S = 30;

/** Marks it running; false when it was cancelled or finished meanwhile. */
export async function beginExport(db: Queryable, name: string, startedAt: string): Promise<boolean> {
  const rows = await db.query(
    `update exports set state = 'running', started_at = coalesce(started_at, $2), progressed_at = now(), reason = null
      where name = $1 and state in ('queued', 'running') and not cancel_wanted returning 1`,
    [name, startedAt],
  );
  return rows.length > 0;
}

/** Notes how far it has come; answers whether it is still wanted. */
export async function noteProgress(
  db: Queryable,
  name: string,
  { rowsTotal, rowsDone, bytesDone }: ExportProgressRow,
): Promise<boolean> {
  const [row] = await db.query<{ cancel_wanted: boolean }>(
    `update exports set rows_total = coalesce($2, rows_total), rows_done = $3, bytes_done = $4, progressed_at = now()
      where name = $1 and state = 'running' returning cancel_wanted`,
    [name, rowsTotal ?? null, rowsDone, bytesDone],
  );
  return row !== undefined && !row.cancel_wanted;
}

/** Gives it back: who asks next goes on with it. */
export async function releaseExport(db: Queryable, name: string): Promise<void> {
  await db.query("update exports set state = 'queued' where name = $1 and state = 'running'", [name]);
}

/** Notes how it ended. */
export async function endExport(
  db: Queryable,
  name: string,
  end: { state: 'done' | 'failed' | 'cancelled'; finishedAt: string; reason?: string; progress?: ExportProgressRow },
): Promise<void> {
  const { state, finishedAt, reason = null, progress } = end;
  await db.query(
    `update exports set state = $2, finished_at = $3, reason = $4, rows_total = coalesce($5, rows_total),
        rows_done = coalesce($6, rows_done), bytes_done = coalesce($7, bytes_done) where name = $1`,
    [
      name,
      state,
      finishedAt,
      reason,
      progress?.rowsTotal ?? null,
      progress?.rowsDone ?? null,
      progress?.bytesDone ?? null,
    ],
  );
}

/** Cancels one that waits at once; of one that runs, its worker hears within a second. Throws `export.unknown`, and `export.refused` when it has ended. */
export async function cancelExport(db: Queryable, name: string, now: string): Promise<ExportRecord> {
  const { state } = await findExport(db, name);
  const [row] = await db.query<Row>(
    `update exports set cancel_wanted = true, state = case state when 'queued' then 'cancelled' else state end,
        finished_at = case state when 'queued' then $2::timestamptz end
      where name = $1 and state in ('queued', 'running') returning ${COLUMNS}`,
    [name, now],
  );
  if (row === undefined) throw new MistnetError('export.refused', `The export "${name}" is ${state} already.`);
  return toRecord(row);
}

/** Puts one that failed or was cancelled in line once more, from its beginning. */
export async function queueExportAgain(db: Queryable, name: string): Promise<void> {
  await db.query(
    `update exports set state = 'queued', cancel_wanted = false, rows_total = null, rows_done = 0, bytes_done = 0, reason = null,
        started_at = null, progressed_at = null, finished_at = null
      where name = $1 and state in ('failed', 'cancelled')`,
    [name],
  );
}

function toRecord(row: Row): ExportRecord {
  return {
    exportId: row.export_id,
    name: row.name,
    node: row.node,
    folder: row.folder,
    request: row.request,
    background: row.background,
    ...(row.asked_by === null ? {} : { askedBy: row.asked_by }),
    state: row.state,
    ...(row.rows_total === null ? {} : { rowsTotal: Number(row.rows_total) }),
    rowsDone: Number(row.rows_done),
    bytesDone: Number(row.bytes_done),
    ...(row.reason === null ? {} : { reason: row.reason }),
    askedAt: row.asked_at,
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
  };
}
