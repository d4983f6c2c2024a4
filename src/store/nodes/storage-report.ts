/** How large the database is and what is in it, from PostgreSQL's own estimates: no table is counted. */
import type { Queryable } from '../db.ts';

/** `rows`: estimated. Partitions are told with their parents, the newest first. */
export type TableSize = {
  name: string;
  bytes: number;
  rows: number;
  partitions: { name: string; bytes: number; rows: number }[];
};
export type DatabaseReport = {
  version: string;
  name: string;
  /** As whom mistnet is there. */
  user: string;
  bytes: number;
  connections: number;
  /** Of the settings that matter here. */
  maxConnections: number;
  migrations: number;
  newestMigration: string;
  tables: TableSize[];
};

/** The 25 largest tables; of each at most 200 partitions. */
export async function databaseReport(db: Queryable): Promise<DatabaseReport> {
  const [about] = await db.query<{
    version: string;
    name: string;
    user: string;
    bytes: string;
    connections: number;
    most: string;
    migrations: number;
    newest: string;
  }>(
    `select current_setting('server_version') as version, current_database() as name, current_user as user,
        pg_database_size(current_database()) as bytes, current_setting('max_connections') as most,
        (select count(*)::integer from pg_stat_activity where datname = current_database()) as connections,
        (select count(*)::integer from migrations) as migrations,
        (select name from migrations order by number desc limit 1) as newest`,
  );
  const tables = await db.query<{ name: string; parent: string | null; bytes: string; rows: string }>(
    `select c.relname as name, p.relname as parent, pg_total_relation_size(c.oid) as bytes,
        greatest(0, c.reltuples)::bigint as rows
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
        left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
      where c.relkind = 'r' and n.nspname = 'public'`,
  );
  if (about === undefined) throw new Error('PostgreSQL told nothing of itself');
  return {
    ...{
      version: about.version,
      name: about.name,
      user: about.user,
      bytes: Number(about.bytes),
      connections: about.connections,
    },
    ...{ maxConnections: Number(about.most), migrations: about.migrations, newestMigration: about.newest ?? '' },
    tables: sizesOf(tables),
  };
}

const SHOWN_TABLES = 25;
const SHOWN_PARTITIONS = 200;

function sizesOf(rows: readonly { name: string; parent: string | null; bytes: string; rows: string }[]): TableSize[] {
  const groups = Map.groupBy(rows, ({ name, parent }) => parent ?? name);
  return [...groups]
    .map(([name, parts]) => {
      const partitions = parts
        .filter(({ parent }) => parent !== null)
        .map((part) => ({ name: part.name, bytes: Number(part.bytes), rows: Number(part.rows) }))
        .sort((a, b) => (a.name < b.name ? 1 : -1));
      const sum = (figure: 'bytes' | 'rows') => parts.reduce((total, part) => total + Number(part[figure]), 0);
      return { name, bytes: sum('bytes'), rows: sum('rows'), partitions: partitions.slice(0, SHOWN_PARTITIONS) };
    })
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, SHOWN_TABLES);
}
