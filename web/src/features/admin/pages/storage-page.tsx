import { Link } from '@tanstack/react-router';
import { useLive } from '../../../api/live.ts';
import { Command } from '../../../components/command.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FigureList } from '../../../components/figure-list.tsx';
import { Notice } from '../../../components/notice.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { formatBytes, formatCount, formatQuantity } from '../../../format.ts';
import { StorageDisclosure } from '../../collections/components/storage-disclosure.tsx';
import { DiskCard } from '../../disk/components/disk-card.tsx';
import { type MachineNode, type Storage, useNodes, useStorage } from '../api/use-admin.ts';
import classes from '../components/admin.module.css';
import { AdminPageFrame } from '../../../components/admin-page-frame.tsx';

/** What lies where, how long it stays, and what must be copied to be safe. */
export function StoragePage() {
  return (
    <AdminPageFrame title="Storage" intro="What lies where, how long it stays, and what must be copied to be safe.">
      {() => <StorageContent />}
    </AdminPageFrame>
  );
}

function StorageContent() {
  const query = useStorage();
  return (
    <>
      <Section title="Disks" aside="The disk of each node’s data folder">
        <Disks />
      </Section>
      <Section title="Collections" aside="How long rows stay, and how files are put together">
        <Collections />
      </Section>
      <QueryState query={query} what="the database">
        {(storage) => (
          <>
            <Section title="Database">
              <Database storage={storage} />
            </Section>
            <Section title="Backups">
              <Backups storage={storage} />
            </Section>
          </>
        )}
      </QueryState>
    </>
  );
}

function Disks() {
  return (
    <QueryState query={useNodes()} what="the disks">
      {({ nodes }) =>
        nodes.length === 0 ? (
          <p className={classes.quiet}>No node spoke yet; each does within ten seconds of its start.</p>
        ) : (
          <div className={classes.stack}>
            {nodes.map((node) => (
              <div key={node.node} className={classes.stack}>
                <h3 className={classes.cardTitle}>{node.node}</h3>
                <DiskCard disk={diskOf(node)} />
              </div>
            ))}
          </div>
        )
      }
    </QueryState>
  );
}

function diskOf({ disk, bytesPerDay, fullInDays, paceSeconds, seenAt }: MachineNode) {
  return { ...disk, bytesPerDay, fullInDays, paceSeconds, measuredAt: seenAt };
}

function Collections() {
  const { status } = useLive();
  if (status === undefined) return <p className={classes.quiet}>Reading the collections …</p>;
  if (status.collections.length === 0) return <p className={classes.quiet}>There is no collection yet.</p>;
  return (
    <ul className={classes.list}>
      {status.collections.map((collection) => (
        <li key={collection.name} className={classes.card}>
          <div className={classes.cardHead}>
            <h3 className={classes.cardTitle}>
              <Link to="/collections/$name" params={{ name: collection.name }}>
                {collection.name}
              </Link>
            </h3>
            <span className={classes.quiet}>
              {(collection.bytes ?? 0) === 0 && collection.captured > 0
                ? 'in the files of a shared stream'
                : `${formatBytes(collection.bytes ?? 0)} as received`}
            </span>
          </div>
          <StorageDisclosure collection={collection} />
        </li>
      ))}
    </ul>
  );
}

function Database({ storage: { database } }: { storage: Storage }) {
  const { name, version, bytes, connections, maxConnections, migrations, newestMigration, tables } = database;
  return (
    <>
      <div className={classes.card}>
        <FigureList
          figures={[
            { name: 'Size', value: formatBytes(bytes), remark: `database ${name}` },
            { name: 'PostgreSQL', value: version },
            { name: 'Connections', value: `${connections} of ${maxConnections}` },
            { name: 'Schema', value: newestMigration.slice(0, 4), remark: `${migrations} migrations` },
          ]}
        />
      </div>
      <Disclosure summary={`The ${formatQuantity(tables.length, 'largest table')}`}>
        {() => (
          <DataTable
            caption="Tables by size, partitions together"
            rows={tables}
            keyOf={(table) => table.name}
            columns={[
              { title: 'Table', cell: (table) => table.name },
              { title: 'Size', numeric: true, cell: (table) => formatBytes(table.bytes) },
              { title: 'Rows, about', numeric: true, cell: (table) => formatCount(table.rows) },
              {
                title: 'Partitions',
                cell: ({ partitions }) =>
                  partitions.length === 0
                    ? ''
                    : `${partitions.length}: ${partitions.at(-1)?.name ?? ''} to ${partitions[0]?.name ?? ''}`,
              },
            ]}
          />
        )}
      </Disclosure>
    </>
  );
}

function Backups({ storage: { backup } }: { storage: Storage }) {
  return (
    <>
      <Notice tone="busy" title="Nothing is copied by itself">
        mistnet makes no backups yet. What must not be lost is to be copied to another disk or machine by hand, or by a
        program of yours.
      </Notice>
      <p>Of each node’s data folder, the most important first:</p>
      <DataTable
        caption="What to copy"
        rows={backup.folders}
        keyOf={({ path }) => path}
        columns={[
          { title: 'File or folder', cell: ({ path }) => <code>{path}</code> },
          { title: 'What it is', cell: ({ why }) => why },
        ]}
      />
      <p>Sealed segments never change, so copying them again and again copies only what is new:</p>
      <Command>rsync -a mistnet-data/segments/ /backup/mistnet/segments/</Command>
      <p>The database, while mistnet runs:</p>
      <Command>pg_dump --format=custom --file=/backup/mistnet/database.dump DATABASE_URL</Command>
    </>
  );
}
