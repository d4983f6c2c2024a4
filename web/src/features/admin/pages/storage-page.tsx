import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { useLive } from '../../../api/live.ts';
import { Command } from '../../../components/command.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FigureList } from '../../../components/figure-list.tsx';
import { Notice } from '../../../components/notice.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { formatBytes, formatCount, formatInstant, formatQuantity } from '../../../format.ts';
import { StorageDisclosure } from '../../collections/components/storage-disclosure.tsx';
import { DiskCard } from '../../disk/components/disk-card.tsx';
import { type MachineNode, type Storage, useDeed, useNodes, useStorage } from '../api/use-admin.ts';
import { backupAge, backupTone } from '../backup-words.ts';
import classes from '../components/admin.module.css';
import { DeedError } from '../components/deed-error.tsx';
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

function Backups({ storage: { backup, node } }: { storage: Storage }) {
  const { last, folders, commands } = backup;
  return (
    <>
      <Notice
        tone={backupTone(last) === 'good' ? 'plain' : 'busy'}
        title={last === null ? 'No backup was noted yet' : `The last backup is ${backupAge(last)}`}
      >
        {last !== null &&
          `It was noted ${formatInstant(last.at)} by ${last.who}${last.note === '' ? '' : `: ${last.note}`}. `}
        mistnet copies nothing by itself: what must not be lost is to be copied to another disk or machine by a program
        of yours, which notes it at its end. How old the last one may be before it is an alert stands among the{' '}
        <Link to="/admin/alerts">rules of alerts</Link>.
      </Notice>
      <NoteBackup />
      <p>Of each node’s data folder, the most important first:</p>
      <DataTable
        caption="What to copy"
        rows={folders}
        keyOf={({ path }) => path}
        columns={[
          { title: 'File or folder', cell: ({ path }) => <code>{path}</code> },
          { title: 'What it is', cell: ({ why }) => why },
        ]}
      />
      <p>The commands for the node {node}:</p>
      {commands.map(({ what, command }) => (
        <Fragment key={command}>
          <p>{what}</p>
          <Command>{command}</Command>
        </Fragment>
      ))}
    </>
  );
}

/** For whoever made one by hand. */
function NoteBackup() {
  const [note, setNote] = useState('');
  const save = useDeed(
    () => dataOf(api.POST('/api/v1/backups', { body: { note: note.trim() } })),
    ...['storage', 'alerts', 'audit'],
  );
  return (
    <form
      className={classes.afterNotice}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, { onSuccess: () => setNote('') });
      }}
    >
      <DeedError error={save.error} />
      <div className={classes.row}>
        <TextInput
          label="Where the copy lies"
          placeholder="the disk in room 12"
          maxLength={300}
          value={note}
          onChange={({ currentTarget: { value } }) => setNote(value)}
        />
        <Button type="submit" loading={save.isPending}>
          I made a backup
        </Button>
      </div>
    </form>
  );
}
