/** What people changed, and every sign-in: rows are added and read, never changed. */
import type { Clock } from '../../core/time.ts';
import type { Queryable } from '../db.ts';

/** `action`: `thing.verb`. `who`: the name as it was then. `target`: what it was done to. Never a secret. */
export type AuditEntry = {
  userId: string | null;
  who: string;
  via: string;
  address: string | null;
  action: string;
  target: string | null;
  details: Record<string, unknown>;
};

export type AuditRecord = AuditEntry & { entryId: string; at: string };

/** Newest first, at most `limit`, those before the entry `before`. `action` may be the first part alone: `collection`. */
export type AuditQuery = {
  limit: number;
  before?: string;
  userId?: string;
  action?: string;
  target?: string;
  from?: string;
  to?: string;
};

export async function addAuditEntry(db: Queryable, clock: Clock, entry: AuditEntry): Promise<void> {
  await db.query(
    `insert into audit_log (at, user_id, who, via, address, action, target, details) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[new Date(clock.now()).toISOString(), entry.userId, entry.who.slice(0, 300), entry.via, entry.address],
      ...[entry.action, entry.target?.slice(0, 300) ?? null, JSON.stringify(entry.details)],
    ],
  );
}

export async function listAuditEntries(db: Queryable, query: AuditQuery): Promise<AuditRecord[]> {
  const rows = await db.query<AuditRow>(
    `select ${AUDIT_COLUMNS} from audit_log
      where ($1::bigint is null or entry_id < $1) and ($2::text is null or user_id = $2)
        and ($3::text is null or action = $3 or action like replace(replace($3, '\\', '\\\\'), '_', '\\_') || '.%')
        and ($4::text is null or target = $4) and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
      order by entry_id desc limit $7`,
    [
      ...[query.before ?? null, query.userId ?? null, query.action ?? null, query.target ?? null],
      ...[query.from ?? null, query.to ?? null, query.limit],
    ],
  );
  return rows.map(toRecord);
}

/** What was changed of a collection and of its budget since it was made: a name may have been another one's before. Newest first. */
export async function historyOfCollection(
  db: Queryable,
  { name, createdAt, before, limit }: { name: string; createdAt: string; before?: string; limit: number },
): Promise<AuditRecord[]> {
  const rows = await db.query<AuditRow>(
    `select ${AUDIT_COLUMNS} from audit_log
      where target in ($1, 'collection:' || $1) and (action like 'collection.%' or action = 'budget.set')
        and (target <> $1 or action <> 'budget.set') and at >= $2::timestamptz - interval '1 minute'
        and ($3::bigint is null or entry_id < $3)
      order by entry_id desc limit $4`,
    [name, createdAt, before ?? null, limit],
  );
  return rows.map(toRecord);
}

const AUDIT_COLUMNS = 'entry_id, at, user_id, who, via, address, action, target, details';

type AuditRow = Omit<AuditRecord, 'entryId' | 'userId'> & { entry_id: string; user_id: string | null };

function toRecord({ entry_id, user_id, ...row }: AuditRow): AuditRecord {
  return { entryId: entry_id, userId: user_id, ...row };
}
