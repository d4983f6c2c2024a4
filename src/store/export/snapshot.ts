/** One look at the database that stays the same however long it takes. */
import { finished } from 'node:stream/promises';
import { to as copyTo } from 'pg-copy-streams';
import { causeText } from '../../core/errors.ts';
import type { Client, Database, Queryable } from '../db.ts';
import { withLiterals } from './sql-literals.ts';

/** `copy`: what a query gives, in PostgreSQL's binary COPY format, as it comes; given up by whoever stops reading. Meanwhile others may be asked. */
export type Snapshot = Queryable & { copy(text: string, values?: readonly unknown[]): AsyncGenerator<Buffer> };

/**
 * Runs the work in one read-only transaction that sees the database as of its first statement. The signal's abort cancels a statement
 * under way, too. Throws what the work throws, or the signal's reason.
 */
export async function withSnapshot<Result>(
  db: Database,
  signal: AbortSignal,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  return await db.withClient(async (client) => {
    signal.throwIfAborted();
    await client.query('begin transaction isolation level repeatable read, read only');
    const { rows } = await client.query<{ pid: number; id: string }>(
      `select pg_backend_pid() as pid, pg_export_snapshot() as id, ${SETTINGS}`,
    );
    const { pid = 0, id = '' } = rows[0] ?? {};
    let cancelled: Promise<unknown> = Promise.resolve();
    const cancel = () => {
      // When the server cannot be asked, the transaction ends with its connection all the same.
      cancelled = db.query('select pg_cancel_backend($1)', [pid]).catch((error: unknown) => causeText(error));
    };
    signal.addEventListener('abort', cancel, { once: true });
    const giveUp = async () => {
      cancel();
      await cancelled;
    };
    try {
      return await work(new Look(db, client, id, giveUp));
    } catch (error) {
      signal.throwIfAborted(); // what a cancelled statement says is the signal's doing
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      await cancelled;
      await client.query('rollback').catch(() => {}); // the connection is gone, and the transaction with it
    }
  });
}

class Look implements Snapshot {
  readonly #db: Database;
  readonly #client: Client;
  readonly #id: string;
  readonly #cancel: () => Promise<void>;
  #isCopying = false;

  /** `id`: by which other connections see the same. */
  constructor(db: Database, client: Client, id: string, cancel: () => Promise<void>) {
    this.#db = db;
    this.#client = client;
    this.#id = id;
    this.#cancel = cancel;
  }

  /** A connection that copies hears nothing else, so another one looks meanwhile. */
  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    if (!this.#isCopying) return (await this.#client.query(text, values)).rows as Row[];
    return await this.#db.withClient(async (client) => {
      await client.query(
        `begin transaction isolation level repeatable read, read only; set transaction snapshot '${this.#id}'`,
      );
      try {
        return (await client.query(text, values)).rows as Row[];
      } finally {
        await client.query('rollback').catch(() => {}); // the connection is gone, and the transaction with it
      }
    });
  }

  async *copy(text: string, values: readonly unknown[] = []): AsyncGenerator<Buffer> {
    await this.#client.query('savepoint before_copy');
    this.#isCopying = true;
    const rows = this.#client.query(copyTo(`copy (${withLiterals(text, values)}) to stdout (format binary)`));
    let isOver = false;
    try {
      for await (const chunk of rows.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
      isOver = true;
    } catch (error) {
      isOver = true;
      throw error;
    } finally {
      if (!isOver) await this.#giveUp(rows);
      this.#isCopying = false;
    }
  }

  /** The server is told to stop, and what it has sent is read: only then the connection hears again. */
  async #giveUp(rows: NodeJS.ReadableStream): Promise<void> {
    const end = finished(rows).catch(() => {}); // it says that it was cancelled, as it was
    rows.resume();
    await this.#cancel();
    await end;
    await this.#client.query('rollback to savepoint before_copy').catch(() => {}); // the connection is gone
  }
}

/** A sort of narrow rows may spill to disk; compiling a query takes longer than it saves; nobody may end a long export but its owner. */
const SETTINGS = [
  ['jit', 'off'],
  ['work_mem', '64MB'],
  ['statement_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
]
  .map(([name, value]) => `set_config('${name}', '${value}', true)`)
  .join(', ');
