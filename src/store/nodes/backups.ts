/** Backups are made by programs of others; whoever made one notes it, and that row of the audit log is what is known of it. */
import type { Queryable } from '../db.ts';

/** The action of its row in the audit log. */
export const BACKUP_NOTED = 'backup.note';

/** `at`: ISO 8601 with Z. `note`: where it lies, in somebody's words; may be empty. */
export type NotedBackup = { at: string; who: string; note: string };

/** The newest; undefined when none was ever noted. */
export async function lastBackup(db: Queryable): Promise<NotedBackup | undefined> {
  const [row] = await db.query<NotedBackup>(
    `select at, who, coalesce(details->>'note', '') as note from audit_log where action = $1 order by entry_id desc limit 1`,
    [BACKUP_NOTED],
  );
  return row;
}

/** When the oldest collection was made, ISO 8601 with Z; undefined while there is none. */
export async function dataSince(db: Queryable): Promise<string | undefined> {
  const [row] = await db.query<{ since: string | null }>('select min(created_at) as since from collections');
  return row?.since ?? undefined;
}
