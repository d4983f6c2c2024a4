/** The figures of a mistnet in Prometheus' format: of the whole installation from the database, of the server process from itself. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { captureStates } from '../capture/status.ts';
import { alertKinds } from '../jobs/alerts/alert-rules.ts';
import type { Clock } from '../core/time.ts';
import { parseQueueName } from '../jobs/job-kinds.ts';
import type { WorkReport } from '../jobs/work-report.ts';
import { restartableRoles } from '../store/nodes/node-requests.ts';
import type { ServerSources } from './sources.ts';

/** Every metric with its labels; docs/metrics.md has the same table. Label values are names that people gave, or of short lists. */
export const metricsTable = {
  mistnet_collection_posts_captured_total: ['Post frames kept since the collection began', ['collection']],
  mistnet_collection_posts_loaded_total: ['Of these, loaded into the database', ['collection']],
  mistnet_collection_posts_quarantined_total: [
    'Of these, set aside because they could not be understood',
    ['collection'],
  ],
  mistnet_collection_bytes_total: ['Payload bytes kept since the collection began', ['collection']],
  mistnet_collection_posts_per_second: ['Mean of about the last ten seconds', ['collection']],
  mistnet_collection_state: ['1 for the state that the stream is in, 0 for the others', ['collection', 'state']],
  mistnet_collection_last_byte_age_seconds: [
    'Since the last byte, keep-alives included; absent before one came',
    ['collection'],
  ],
  mistnet_collection_gaps: ['Interruptions of which time stays uncovered', ['collection']],
  mistnet_collection_uncovered_seconds: ['Time missing for good', ['collection']],
  mistnet_jobs: ['Jobs in the queue, by kind and state: waiting, retrying, running, failed', ['kind', 'state']],
  mistnet_workers: ['Workers that spoke within the last minute', []],
  mistnet_worker_places: ['How many jobs these do at a time, all together', []],
  mistnet_work_last_day: [
    'What came of the last 24 hours, by kind of job and unit: requests, posts, accounts, links, done, failed',
    ['kind', 'unit'],
  ],
  mistnet_permits_remaining: ['Calls left in the running window', ['credential', 'endpoint']],
  mistnet_permits_limit: ['Calls of a window', ['credential', 'endpoint']],
  mistnet_permits_refused_today: ['Calls that the platform refused this UTC day', ['credential', 'endpoint']],
  mistnet_credentials_refused: ['Credentials that are not used because they were refused or paused', []],
  mistnet_spent_micros: ["Spent this UTC month, in millionths of the platform's currency unit", ['collection']],
  mistnet_budget_micros: ['What may be spent this UTC month; scope "all" for all together', ['scope']],
  mistnet_node_up: ['1 when the node spoke within the last minute', ['node']],
  mistnet_node_cpu_ratio: ['Of the whole machine, 0 to 1', ['node']],
  mistnet_node_load1: ['Load of the last minute', ['node']],
  mistnet_node_memory_used_bytes: ['Of the machine, without what could be freed', ['node']],
  mistnet_node_memory_total_bytes: ['Of the machine', ['node']],
  mistnet_node_disk_free_bytes: ['Where the data folder lies', ['node']],
  mistnet_node_disk_total_bytes: ['Where the data folder lies', ['node']],
  mistnet_node_disk_full_in_days: ["At the last day's pace; absent while unknown or nothing grows", ['node']],
  mistnet_process_cpu_cores: ['Cores in use by a process of mistnet', ['node', 'process']],
  mistnet_process_memory_bytes: ['Resident memory of a process of mistnet', ['node', 'process']],
  mistnet_role_running: ['1 while a role runs, 0 while it does not', ['node', 'role']],
  mistnet_role_restarts_total: ['How often a role was started again since its supervisor began', ['node', 'role']],
  mistnet_alerts: ['Alerts that are not over, by rule and state: open, acknowledged', ['kind', 'state']],
  mistnet_database_bytes: ['The database on its disk', []],
} as const satisfies Record<string, readonly [help: string, labels: readonly string[]]>;

type MetricName = keyof typeof metricsTable;
type Sample = { name: MetricName; labels?: Record<string, string>; value: number | null | undefined };

/** A registry for each answer: what is gone leaves no label behind. The server's own figures are collected from one that stays. */
export function createMetrics(
  sources: ServerSources,
  clock: Clock,
): () => Promise<{ text: string; contentType: string }> {
  const own = new Registry();
  collectDefaultMetrics({ register: own, prefix: 'mistnet_server_' });
  return async () => {
    const registry = new Registry();
    const metrics = new Map<string, Counter | Gauge>();
    for (const [name, [help, labelNames]] of Object.entries(metricsTable)) {
      const options = { name, help, labelNames: [...labelNames], registers: [registry] };
      metrics.set(name, name.endsWith('_total') ? new Counter(options) : new Gauge(options));
    }
    for (const { name, labels = {}, value } of await measure(sources, clock.now()))
      if (value !== null && value !== undefined && Number.isFinite(value)) metrics.get(name)?.inc(labels, value);
    const text = `${await registry.metrics()}${await own.metrics()}`;
    return { text, contentType: registry.contentType };
  };
}

async function measure(sources: ServerSources, nowMs: number): Promise<Sample[]> {
  const { operations } = sources;
  const since = new Date(nowMs - DAY_MS).toISOString();
  const [statuses, depths, work, { standings }, credentials, money, nodes, alerts, database] = await Promise.all([
    sources.collectionStatuses(),
    operations.queueDepths(),
    sources.jobs.work(since, () => true),
    operations.standings(),
    operations.credentials(),
    operations.budgets(),
    operations.nodes(),
    operations.currentAlerts(),
    operations.database(),
  ]);
  return [
    ...statuses.flatMap((status) => ofCollection(status, nowMs)),
    ...ofJobs(depths),
    ...ofWork(work),
    ...standings.flatMap(({ credential, endpoint, remaining, limit, refusedToday }): Sample[] => {
      const labels = { credential, endpoint };
      return [
        { name: 'mistnet_permits_remaining', labels, value: remaining },
        { name: 'mistnet_permits_limit', labels, value: limit },
        { name: 'mistnet_permits_refused_today', labels, value: refusedToday },
      ];
    }),
    { name: 'mistnet_credentials_refused', value: credentials.filter(({ refused }) => refused !== null).length },
    ...[...Map.groupBy(money.spend, ({ collection }) => collection)].map(
      ([collection, lines]): Sample => ({
        name: 'mistnet_spent_micros',
        labels: { collection },
        value: lines.reduce((sum, { micros, inDoubtMicros }) => sum + micros + inDoubtMicros, 0),
      }),
    ),
    ...money.budgets.map(
      ({ scope, budgetMicros }): Sample => ({
        name: 'mistnet_budget_micros',
        labels: { scope: scope === '' ? 'all' : scope },
        value: budgetMicros,
      }),
    ),
    ...nodes.flatMap(ofNode),
    ...alertKinds.flatMap((kind) =>
      (['open', 'acknowledged'] as const).map(
        (state): Sample => ({
          name: 'mistnet_alerts',
          labels: { kind, state },
          value: alerts.filter((alert) => alert.kind === kind && alert.state === state).length,
        }),
      ),
    ),
    { name: 'mistnet_database_bytes', value: database.bytes },
  ];
}

function ofCollection(
  status: Awaited<ReturnType<ServerSources['collectionStatuses']>>[number],
  nowMs: number,
): Sample[] {
  const labels = { collection: status.name };
  const age = status.lastByteAt === null ? null : Math.max(0, (nowMs - Date.parse(status.lastByteAt)) / 1000);
  return [
    { name: 'mistnet_collection_posts_captured_total', labels, value: status.captured },
    { name: 'mistnet_collection_posts_loaded_total', labels, value: status.loaded },
    { name: 'mistnet_collection_posts_quarantined_total', labels, value: status.quarantined },
    { name: 'mistnet_collection_bytes_total', labels, value: status.bytes },
    { name: 'mistnet_collection_posts_per_second', labels, value: status.postsPerSecond },
    { name: 'mistnet_collection_last_byte_age_seconds', labels, value: age },
    { name: 'mistnet_collection_gaps', labels, value: status.gaps },
    { name: 'mistnet_collection_uncovered_seconds', labels, value: (status.uncoveredMs ?? 0) / 1000 },
    ...captureStates.map(
      (state): Sample => ({
        name: 'mistnet_collection_state',
        labels: { ...labels, state },
        value: status.state === state ? 1 : 0,
      }),
    ),
  ];
}

const JOB_STATES: Record<string, string> = {
  created: 'waiting',
  retry: 'retrying',
  active: 'running',
  failed: 'failed',
};

function ofJobs(depths: readonly { queue: string; state: string; jobs: number }[]): Sample[] {
  const counts = new Map<string, number>();
  for (const { queue, state, jobs } of depths) {
    const kind = parseQueueName(queue)?.kind;
    if (kind === undefined) continue;
    const key = `${kind} ${JOB_STATES[state] ?? state}`;
    counts.set(key, (counts.get(key) ?? 0) + jobs);
  }
  return [...counts].map(([key, value]) => {
    const [kind = '', state = ''] = key.split(' ');
    return { name: 'mistnet_jobs', labels: { kind, state }, value };
  });
}

function ofWork({ workers, places, kinds }: WorkReport): Sample[] {
  return [
    { name: 'mistnet_workers', value: workers },
    { name: 'mistnet_worker_places', value: places },
    ...kinds.flatMap(({ kind, done, failed, amounts }) =>
      [{ unit: 'done', amount: done }, { unit: 'failed', amount: failed }, ...amounts].map(
        ({ unit, amount }): Sample => ({ name: 'mistnet_work_last_day', labels: { kind, unit }, value: amount }),
      ),
    ),
  ];
}

const DAY_MS = 24 * 3_600_000;
const UP_MS = 60_000;

function ofNode(status: Awaited<ReturnType<ServerSources['operations']['nodes']>>[number]): Sample[] {
  const { node } = status;
  const labels = { node };
  return [
    { name: 'mistnet_node_up', labels, value: status.ageMs < UP_MS ? 1 : 0 },
    { name: 'mistnet_node_cpu_ratio', labels, value: status.cpu },
    { name: 'mistnet_node_load1', labels, value: status.load },
    { name: 'mistnet_node_memory_used_bytes', labels, value: status.memoryUsed },
    { name: 'mistnet_node_memory_total_bytes', labels, value: status.memoryTotal },
    { name: 'mistnet_node_disk_free_bytes', labels, value: status.disk.freeBytes },
    { name: 'mistnet_node_disk_total_bytes', labels, value: status.disk.totalBytes },
    { name: 'mistnet_node_disk_full_in_days', labels, value: status.fullInDays },
    ...status.processes.flatMap(({ name, cpu, memory }): Sample[] => [
      { name: 'mistnet_process_cpu_cores', labels: { node, process: name }, value: cpu },
      { name: 'mistnet_process_memory_bytes', labels: { node, process: name }, value: memory },
    ]),
    ...status.roles
      .filter(({ role }) => (restartableRoles as readonly string[]).includes(role))
      .flatMap(({ role, state, restarts }): Sample[] => [
        { name: 'mistnet_role_running', labels: { node, role }, value: state === 'running' ? 1 : 0 },
        { name: 'mistnet_role_restarts_total', labels: { node, role }, value: restarts },
      ]),
  ];
}
