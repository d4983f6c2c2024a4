import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Disclosure } from '../../../components/disclosure.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { Instant } from '../../../components/instant.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { useNodes } from '../../admin/api/use-admin.ts';
import { Badge } from '../../admin/components/badge.tsx';
import { LogTail } from '../../admin/components/log-tail.tsx';

/** Who does the jobs, and what they wrote last; for administrators, as all that is told of machines. */
export function WorkerSection() {
  const query = useNodes();
  return (
    <Section title="Workers" aside="Each takes up what waits">
      <QueryState query={query} what="the workers">
        {({ nodes }) => {
          const workers = nodes.flatMap(({ node, roles }) =>
            roles.filter(({ role }) => role === 'worker').map((role) => ({ node, ...role })),
          );
          if (workers.length === 0) return <p>No worker has said anything yet.</p>;
          return (
            <>
              <DataTable
                caption="Workers"
                rows={workers}
                keyOf={({ node }) => node}
                columns={[
                  { title: 'Node', cell: ({ node }) => node },
                  {
                    title: 'State',
                    cell: ({ state }) => <Badge tone={state === 'running' ? 'good' : 'bad'}>{state}</Badge>,
                  },
                  { title: 'Since', cell: ({ startedAt }) => startedAt !== null && <Instant iso={startedAt} /> },
                  { title: 'Restarts', numeric: true, cell: ({ restarts }) => restarts },
                ]}
              />
              <Disclosure summary="Last lines of their logs">
                {() => <Logs nodes={workers.map(({ node }) => node)} />}
              </Disclosure>
            </>
          );
        }}
      </QueryState>
    </Section>
  );
}

function Logs({ nodes }: { nodes: readonly string[] }) {
  const [node, setNode] = useState(nodes[0] ?? '');
  return (
    <>
      {nodes.length > 1 && (
        <NativeSelect
          aria-label="Node"
          size="xs"
          data={[...nodes]}
          value={node}
          onChange={({ currentTarget: { value } }) => setNode(value)}
        />
      )}
      <LogTail node={node} role="worker" />
    </>
  );
}
