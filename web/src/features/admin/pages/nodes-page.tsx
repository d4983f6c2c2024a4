import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FigureList } from '../../../components/figure-list.tsx';
import { Instant } from '../../../components/instant.tsx';
import { Notice } from '../../../components/notice.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { formatAge, formatBytes, formatDuration, formatForecast, formatQuantity } from '../../../format.ts';
import { type MachineNode, type RestartableRole, type RestartRequest, useDeed, useNodes } from '../api/use-admin.ts';
import classes from '../components/admin.module.css';
import { AdminPageFrame } from '../../../components/admin-page-frame.tsx';
import { Badge, type Tone } from '../components/badge.tsx';
import { DeedError } from '../components/deed-error.tsx';
import { LogTail } from '../components/log-tail.tsx';
import { NodeCharts } from '../components/node-charts.tsx';

/** The machines on which mistnet runs: what runs on them, how they fare, and to start a role anew. */
export function NodesPage() {
  return (
    <AdminPageFrame
      title="Nodes"
      intro="The machines on which mistnet runs, as they said within the last ten seconds. A role that ends is started again by itself."
    >
      {() => <Nodes />}
    </AdminPageFrame>
  );
}

function Nodes() {
  return (
    <QueryState query={useNodes()} what="the nodes">
      {({ nodes, requests }) =>
        nodes.length === 0 ? (
          <Notice tone="plain" title="No node spoke yet">
            Each does within ten seconds of its start. If this stays empty, look into <code>logs/worker.log</code> of
            the data folder.
          </Notice>
        ) : (
          <>
            {nodes.map((node) => (
              <Node key={node.node} node={node} />
            ))}
            {requests.length > 0 && <Requests requests={requests.slice(0, 10)} />}
          </>
        )
      }
    </QueryState>
  );
}

const GONE_MS = 60_000;

function Node({ node }: { node: MachineNode }) {
  const isGone = node.ageMs > GONE_MS;
  const { disk, fullInDays, version, startedAt, cpus, cpu, load, memoryUsed, memoryTotal } = node;
  return (
    <Section
      title={node.node}
      aside={
        <Badge tone={isGone ? 'bad' : 'good'}>
          {isGone ? `silent for ${formatAge(node.ageMs)}` : node.isHere ? 'this server runs here' : 'speaks'}
        </Badge>
      }
    >
      <div className={classes.card} data-tone={isGone ? 'bad' : undefined}>
        <FigureList
          figures={[
            {
              name: 'mistnet',
              value: version,
              remark: (
                <>
                  since <Instant iso={startedAt} />
                </>
              ),
            },
            {
              name: 'Processor',
              value: cpu === null ? 'measuring' : `${Math.round(cpu * 100)} %`,
              remark: `${formatQuantity(cpus, 'core')}, load ${load.toFixed(2)}`,
            },
            { name: 'Memory', value: formatBytes(memoryUsed), remark: `of ${formatBytes(memoryTotal)}` },
            {
              name: 'Disk',
              value: `${formatBytes(disk.freeBytes)} free`,
              remark:
                fullInDays === null
                  ? `of ${formatBytes(disk.totalBytes)}`
                  : `full in about ${formatForecast(fullInDays)}`,
            },
          ]}
        />
        <Roles node={node} />
        <NodeCharts node={node.node} cpus={cpus} />
        <Processes node={node} />
        {node.isHere && <Logs node={node.node} />}
        {isGone && <Forget node={node.node} />}
      </div>
    </Section>
  );
}

const stateTones: Record<MachineNode['roles'][number]['state'], Tone> = {
  running: 'good',
  starting: 'busy',
  waiting: 'bad',
  ended: 'idle',
};

function Roles({ node: { node, roles, seenAt, ageMs } }: { node: MachineNode }) {
  const [asking, setAsking] = useState<RestartableRole>();
  const restart = useDeed(
    (role: RestartableRole) =>
      dataOf(api.POST('/api/v1/nodes/{node}/roles/{role}/restart', { params: { path: { node, role } } })),
    'nodes',
  );
  if (roles.length === 0)
    return (
      <p className={classes.quiet}>
        Nobody watches over the processes here: roles cannot be told apart or started anew.
      </p>
    );
  const nowMs = Date.parse(seenAt) + ageMs;
  return (
    <>
      <DeedError error={restart.error} />
      <DataTable
        caption={`Roles on ${node}`}
        rows={roles}
        keyOf={({ role }) => role}
        columns={[
          { title: 'Role', cell: ({ role }) => role },
          { title: 'State', cell: ({ state }) => <Badge tone={stateTones[state]}>{state}</Badge> },
          {
            title: 'Since',
            cell: ({ startedAt, state, nextTryAt }) =>
              state === 'waiting' && nextTryAt !== null ? (
                <>
                  trying again at <Instant iso={nextTryAt} brief />
                </>
              ) : startedAt === null ? (
                ''
              ) : (
                <>
                  <Instant iso={startedAt} />, up for {formatDuration(nowMs - Date.parse(startedAt))}
                </>
              ),
          },
          { title: 'Restarts', numeric: true, cell: ({ restarts }) => restarts },
          {
            title: 'Ended last',
            cell: ({ lastExit }) =>
              lastExit === null ? (
                'never'
              ) : (
                <>
                  <Instant iso={lastExit.at} />: {lastExit.how}
                </>
              ),
          },
          {
            title: 'Action',
            cell: ({ role }) =>
              isRestartable(role) ? (
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`Restart ${role} on ${node}`}
                  onClick={() => setAsking(role)}
                >
                  Restart …
                </Button>
              ) : null,
          },
        ]}
      />
      {asking !== undefined && (
        <ConfirmDialog
          title={`Restart ${asking} on ${node}?`}
          action="Restart"
          isBusy={restart.isPending}
          onConfirm={() => restart.mutate(asking, { onSettled: () => setAsking(undefined) })}
          onClose={() => setAsking(undefined)}
        >
          {restartWords[asking]}
        </ConfirmDialog>
      )}
    </>
  );
}

const restartWords: Record<RestartableRole, string> = {
  capture:
    'It seals what it has and connects again. The seconds between are back-filled where the platform can, else they become a gap.',
  worker: 'Jobs under way are given back and tried again. Capture goes on meanwhile.',
  server: 'This page loses its connection for a few seconds and comes back by itself.',
};

function isRestartable(role: string): role is RestartableRole {
  return Object.hasOwn(restartWords, role);
}

function Processes({ node: { node, processes } }: { node: MachineNode }) {
  return (
    <Disclosure summary="Processes">
      {() => (
        <DataTable
          caption={`Processes of mistnet on ${node}`}
          rows={processes}
          keyOf={({ name }) => name}
          columns={[
            { title: 'Process', cell: ({ name }) => name },
            { title: 'Id', numeric: true, cell: ({ pid }) => pid },
            { title: 'Cores', numeric: true, cell: ({ cpu }) => (cpu === null ? 'measuring' : cpu.toFixed(2)) },
            { title: 'Memory', numeric: true, cell: ({ memory }) => formatBytes(memory) },
          ]}
        />
      )}
    </Disclosure>
  );
}

const logRoles = ['capture', 'worker', 'server', 'postgres'] as const;

function Logs({ node }: { node: string }) {
  const [role, setRole] = useState<(typeof logRoles)[number]>('worker');
  return (
    <Disclosure summary="Last lines of its logs">
      {() => (
        <>
          <NativeSelect
            label="Log of"
            className={classes.narrow ?? ''}
            data={[...logRoles]}
            value={role}
            onChange={({ currentTarget: { value } }) => setRole(logRoles.find((each) => each === value) ?? 'worker')}
          />
          <LogTail node={node} role={role} />
        </>
      )}
    </Disclosure>
  );
}

function Forget({ node }: { node: string }) {
  const [isAsking, setIsAsking] = useState(false);
  const forget = useDeed(
    () => dataOf(api.DELETE('/api/v1/nodes/{node}', { params: { path: { node } } })),
    ...['nodes', 'alerts'],
  );
  return (
    <>
      <DeedError error={forget.error} />
      <div>
        <Button size="xs" variant="default" onClick={() => setIsAsking(true)}>
          Forget this node …
        </Button>
      </div>
      {isAsking && (
        <ConfirmDialog
          title={`Forget ${node}?`}
          action="Forget"
          isDangerous
          isBusy={forget.isPending}
          onConfirm={() => forget.mutate(undefined, { onSettled: () => setIsAsking(false) })}
          onClose={() => setIsAsking(false)}
        >
          It is for machines that are gone for good. Its history of processor, memory and disk goes; what it captured
          stays. A node that speaks again is back.
        </ConfirmDialog>
      )}
    </>
  );
}

function Requests({ requests }: { requests: readonly RestartRequest[] }) {
  return (
    <Section title="What people asked for">
      <DataTable
        caption="Requests to start a role anew"
        rows={requests}
        keyOf={({ requestId }) => requestId}
        columns={[
          { title: 'When', cell: ({ askedAt }) => <Instant iso={askedAt} /> },
          { title: 'Node and role', cell: ({ node, role }) => `${node}, ${role}` },
          { title: 'By', cell: ({ askedBy }) => askedBy },
          {
            title: 'Outcome',
            cell: ({ outcome, takenAt }) => outcome ?? (takenAt === null ? 'waits for the node' : 'in hand'),
          },
        ]}
      />
    </Section>
  );
}
