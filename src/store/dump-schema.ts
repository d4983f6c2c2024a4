import type { Queryable } from './db.ts';

/**
 * The schemas `public` and `auth` as text, in an order that does not depend on when things were made: tables with columns, constraints,
 * indexes, partitioning. For the golden file: the embedded server has no pg_dump. Partitions made by the loader are left out.
 */
export async function dumpSchema(db: Queryable): Promise<string> {
  const tables = await db.query<Table>(TABLES);
  const parts: string[] = [];
  for (const table of tables) {
    const columns = await db.query<Column>(COLUMNS, [table.oid]);
    const constraints = await db.query<{ line: string }>(CONSTRAINTS, [table.oid]);
    const indexes = await db.query<{ line: string }>(INDEXES, [table.oid]);
    const body = [...columns.map(columnLine), ...constraints.map(({ line }) => line)];
    const tail = table.partition_key === null ? '' : ` partition by ${table.partition_key.toLowerCase()}`;
    const of = table.parent === null ? '' : ` partition of ${table.parent} ${(table.bound ?? '').toLowerCase()}`;
    parts.push(`create table ${table.name}${of} (\n${body.map((line) => `  ${line}`).join(',\n')}\n)${tail};`);
    for (const { line } of indexes) parts.push(`${line};`);
  }
  return `${parts.join('\n\n')}\n`;
}

type Table = { oid: string; name: string; parent: string | null; bound: string | null; partition_key: string | null };
type Column = {
  name: string;
  type: string;
  collation: string | null;
  required: boolean;
  fallback: string | null;
  identity: boolean;
};

function columnLine({ name, type, collation, required, fallback, identity }: Column): string {
  const parts = [name, type];
  if (collation !== null) parts.push(`collate "${collation}"`);
  if (identity) parts.push('generated always as identity');
  if (required) parts.push('not null');
  if (fallback !== null) parts.push(`default ${fallback}`);
  return parts.join(' ');
}

const TABLES = `
  select c.oid::text as oid, c.oid::regclass::text as name, p.relname as parent, pg_get_expr(c.relpartbound, c.oid) as bound,
      pg_get_partkeydef(c.oid) as partition_key
    from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
    where c.relnamespace in ('public'::regnamespace, 'auth'::regnamespace) and c.relkind in ('r', 'p')
      and (not c.relispartition or pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')
    order by (c.relnamespace = 'public'::regnamespace), c.relname collate "C"`;

const COLUMNS = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
      (select collname from pg_collation where oid = a.attcollation and collname <> 'default') as collation,
      pg_get_expr(d.adbin, d.adrelid) as fallback, a.attidentity = 'a' as identity
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped order by a.attnum`;

/** Newer servers list "not null" as constraints too; the columns say that already. */
const CONSTRAINTS = `
  select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint
    where conrelid = $1::oid and contype <> 'n' order by contype, conname collate "C"`;

const INDEXES = `
  select pg_get_indexdef(indexrelid) as line from pg_index
    where indrelid = $1::oid and not exists (select from pg_constraint where conindid = indexrelid)
    order by indexrelid::regclass::text collate "C"`;
