/** The connection to PostgreSQL: a pool, transactions, how values arrive. The only place that makes pools. */
import pg from 'pg';
import { MistnetError, causeText } from '../core/errors.ts';
import { awaySentence, classifyDatabaseError } from './database-errors.ts';

export type Client = pg.PoolClient;

/** Anything that runs a statement: the whole database or one connection inside a transaction. */
export type Queryable = { query<Row>(text: string, values?: unknown[]): Promise<Row[]> };

/**
 * Rows arrive with int8 and numeric as text (ids and sums never become a wrong number) and timestamptz as ISO 8601 text with Z
 * and milliseconds, `infinity` and `-infinity` as such.
 */
export type Database = Queryable &
  AsyncDisposable & {
    /** For libraries that bring their own statements. */
    readonly pool: pg.Pool;
    /** host:port, for sentences; without user and password. */
    readonly address: string;
    /**
     * Runs the work in one transaction: its result commits, its throw rolls back. What the work is given is a database as well: a transaction of it is a part of
     * this one, which its throw takes back alone; parts go one after the other. `pool` stays outside.
     */
    transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
    /** One connection for as long as the work takes. A connection that failed is thrown away. */
    withClient<Result>(work: (client: Client) => Promise<Result>): Promise<Result>;
  };

export type Transaction = Database & { client: Client };

export type DatabaseOptions = {
  /** Most connections at a time. */
  max: number;
  /** Seen in pg_stat_activity. */
  applicationName: string;
};

const OLDEST_MAJOR = 15;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects and checks the version. Throws `database.unreachable` (nobody answers) or `database.unusable` (too old, refused);
 * statements that fail later because the server is away throw `database.unreachable` too.
 */
export async function openDatabase(url: string, options: DatabaseOptions): Promise<Database> {
  const address = addressOf(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  });
  // A connection lost while nobody uses it is replaced by the pool; one in use rejects what its user awaits.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = makeDatabase(pool, address);
  try {
    await requireVersion(db);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return db;
}

function makeDatabase(pool: pg.Pool, address: string): Database {
  const withClient = async <Result>(work: (client: Client) => Promise<Result>): Promise<Result> => {
    let client: Client;
    try {
      client = await pool.connect();
    } catch (error) {
      throw translate(error, address);
    }
    let failed: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      if (classifyDatabaseError(error) === 'away') failed = error as Error;
      throw translate(error, address);
    } finally {
      client.release(failed);
    }
  };
  return {
    pool,
    address,
    withClient,
    query: async <Row>(text: string, values: unknown[] = []) =>
      withClient((client) => rowsOf<Row>(client, text, values)),
    transaction: async (work) =>
      withClient((client) => inTransaction(client, () => work(transactionOn(client, { pool, address })))),
    [Symbol.asyncDispose]: async () => pool.end(),
  };
}

/** The database as it is inside a transaction: all of it on one connection. */
function transactionOn(client: Client, place: Pick<Database, 'pool' | 'address'>): Transaction {
  let parts = 0;
  const tx: Transaction = {
    ...place,
    client,
    query: async <Row>(text: string, values: unknown[] = []) => rowsOf<Row>(client, text, values),
    withClient: async (work) => work(client),
    transaction: async (work) => {
      const part = `part_${++parts}`;
      await client.query(`savepoint ${part}`);
      try {
        const result = await work(tx);
        await client.query(`release savepoint ${part}`);
        return result;
      } catch (error) {
        await client.query(`rollback to savepoint ${part}`).catch(() => {}); // the connection is gone, and the transaction with it
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => {}, // the connection is its owner's
  };
  return tx;
}

/** Begins, works, commits; rolls back and rethrows when the work throws. */
export async function inTransaction<Result>(client: Client, work: () => Promise<Result>): Promise<Result> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {}); // the connection is gone, and the transaction with it
    throw error;
  }
}

async function rowsOf<Row>(client: Client, text: string, values: unknown[]): Promise<Row[]> {
  const { rows } = await client.query(text, values);
  return rows as Row[];
}

async function requireVersion(db: Database): Promise<void> {
  let rows: { server_version: string }[];
  try {
    rows = await db.query<{ server_version: string }>('show server_version');
  } catch (error) {
    if (error instanceof MistnetError) throw error;
    throw new MistnetError(
      'database.unusable',
      `PostgreSQL at ${db.address} refused: ${causeText(error)}. Correct MISTNET_DATABASE_URL.`,
      {
        cause: error,
      },
    );
  }
  const version = rows[0]?.server_version ?? '';
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return;
  throw new MistnetError(
    'database.unusable',
    `PostgreSQL at ${db.address} is version ${version}; mistnet needs ${OLDEST_MAJOR} or later.`,
  );
}

function translate(error: unknown, address: string): unknown {
  if (error instanceof MistnetError || classifyDatabaseError(error) !== 'away') return error;
  return new MistnetError('database.unreachable', awaySentence(error, address), { cause: error });
}

function addressOf(url: string): string {
  try {
    const { hostname, port, searchParams } = new URL(url);
    return `${hostname || (searchParams.get('host') ?? 'localhost')}:${port || '5432'}`;
  } catch (cause) {
    throw new MistnetError(
      'database.unusable',
      'MISTNET_DATABASE_URL is no address; write it like postgres://user:password@host:5432/database.',
      { cause },
    );
  }
}

const TIMESTAMPTZ = 1184;

function getTypeParser(type: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (type === TIMESTAMPTZ && format !== 'binary') return timestampToIso;
  return pg.types.getTypeParser(type, format as 'text');
}

/** `2026-11-22 14:05:00.123456+01` to `2026-11-22T13:05:00.123Z`, whatever zone the session has. */
export function timestampToIso(text: string): string {
  if (text.endsWith('infinity')) return text;
  const offset = /[+-]\d\d$/.test(text) ? `${text}:00` : text;
  return new Date(offset.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1')).toISOString();
}
