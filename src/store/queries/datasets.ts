/** The list of datasets that were built. The files and their manifests are the truth; this is how they are found. */
import { type UtcHour, msToUtcHour, utcHourToMs } from '../../core/time.ts';
import type { Database, Queryable } from '../db.ts';

/**
 * `partial`: built before the hour was finished. `report`: its line of the report. `folder`: where the files are.
 * `supersededAt`: when a later revision took its place. Instants ISO 8601 with Z.
 */
export type Dataset = {
  collection: string;
  hour: UtcHour;
  revision: number;
  partial: boolean;
  report: string;
  manifest: Record<string, unknown>;
  folder: string;
  builtAt: string;
  supersededAt?: string;
};

type Row = {
  collection: string;
  hour: string;
  revision: number;
  partial: boolean;
  report: string;
  manifest: Record<string, unknown>;
  folder: string;
  built_at: string;
  superseded_at: string | null;
};

const SELECT = `select c.name as collection, d.hour, d.revision, d.partial, d.report, d.manifest, d.folder, d.built_at,
    d.superseded_at from datasets d join collections c using (collection_id)`;

/**
 * Records a revision; those before it are superseded. Recording the same revision again replaces it (a build that was killed
 * between publishing and recording), recording an older one leaves the newer current.
 */
export async function recordDataset(
  db: Database,
  dataset: Omit<Dataset, 'collection' | 'supersededAt'> & { collectionId: number },
): Promise<void> {
  const { collectionId, hour, revision, partial, report, manifest, folder, builtAt } = dataset;
  const at = new Date(utcHourToMs(hour)).toISOString();
  await db.transaction(async (tx) => {
    // One build of an hour records at a time, else two could both find themselves the newest.
    await tx.query("select pg_advisory_xact_lock($1, hashtext('dataset ' || $2))", [collectionId, at]);
    await tx.query(
      `update datasets set superseded_at = $4
        where collection_id = $1 and hour = $2 and revision < $3 and superseded_at is null`,
      [collectionId, at, revision, builtAt],
    );
    await tx.query(
      `insert into datasets (collection_id, hour, revision, partial, report, manifest, folder, built_at, superseded_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, (select min(built_at) from datasets
          where collection_id = $1 and hour = $2 and revision > $3))
        on conflict (collection_id, hour, revision) do update set partial = excluded.partial, report = excluded.report,
          manifest = excluded.manifest, folder = excluded.folder, built_at = excluded.built_at`,
      [collectionId, at, revision, partial, report, JSON.stringify(manifest), folder, builtAt],
    );
  });
}

/** The current revision of an hour's dataset; undefined when there is none. */
export async function findDataset(
  db: Queryable,
  { collectionId, hour }: { collectionId: number; hour: UtcHour },
): Promise<Dataset | undefined> {
  const rows = await db.query<Row>(`${SELECT} where d.collection_id = $1 and d.hour = $2 and d.superseded_at is null`, [
    collectionId,
    new Date(utcHourToMs(hour)).toISOString(),
  ]);
  return rows[0] === undefined ? undefined : toDataset(rows[0]);
}

/** Current revisions, newest hour first, by name within an hour; `before` goes on after the last one of the page before. */
export async function listDatasets(
  db: Queryable,
  options: {
    collectionId?: number;
    /** Names; all where there are none given. */
    among?: readonly string[];
    before?: { hour: UtcHour; collection: string };
    limit?: number;
  } = {},
): Promise<Dataset[]> {
  const { collectionId, among, before, limit = 100 } = options;
  const rows = await db.query<Row>(
    `${SELECT} where d.superseded_at is null and ($1::integer is null or d.collection_id = $1)
        and ($5::text[] is null or c.name = any($5))
        and ($2::timestamptz is null or d.hour < $2 or (d.hour = $2 and c.name > $3 collate "C"))
      order by d.hour desc, c.name limit $4`,
    [
      collectionId ?? null,
      before === undefined ? null : new Date(utcHourToMs(before.hour)).toISOString(),
      before?.collection ?? null,
      limit,
      among ?? null,
    ],
  );
  return rows.map(toDataset);
}

function toDataset(row: Row): Dataset {
  return {
    collection: row.collection,
    hour: msToUtcHour(Date.parse(row.hour)),
    revision: row.revision,
    partial: row.partial,
    report: row.report,
    manifest: row.manifest,
    folder: row.folder,
    builtAt: row.built_at,
    ...(row.superseded_at === null ? {} : { supersededAt: row.superseded_at }),
  };
}
