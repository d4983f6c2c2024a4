import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadJobs } from '../lazy-parts.ts';
import { type Config, readConfig } from '../../config.ts';
import { systemClock } from '../../core/time.ts';
import type { JobDesk, JobInfo, JobState } from '../../jobs/job-list.ts';
import { JOB_KINDS, type JobKind } from '../../jobs/job-kinds.ts';
import type { WorkReport } from '../../jobs/work-report.ts';
import type { Database } from '../../store/db.ts';
import type { CommandContext } from '../context.ts';
import { formatTable } from '../format.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

type ListFlags = { state?: JobState; kind?: JobKind; limit: number; json?: true };

export function addJobCommands(program: Command, { environment }: CommandContext): void {
  const config = () => readConfig(environment);
  const jobs = program.command('jobs').description('work in the background: list, summary, show, retry, cancel');

  jobs
    .command('list')
    .description('jobs, those that run first, then the newest, and why those that failed did')
    .addOption(new Option('--state <state>').choices(['waiting', 'retrying', 'running', 'done', 'cancelled', 'failed']))
    .addOption(new Option('--kind <kind>').choices(Object.keys(JOB_KINDS)))
    .option('--limit <n>', 'so many at most', parseLimit, 100)
    .option('--json', 'as JSON')
    .action(async ({ json, ...filter }: ListFlags) => {
      const list = await withDesk(config(), (desk) => desk.list(filter));
      if (json) return print(JSON.stringify(list, null, 2));
      if (list.length === 0)
        return print(
          filter.state === undefined && filter.kind === undefined
            ? 'No job was put in line yet: mistnet start works on them.'
            : 'There is no such job now.',
        );
      print(formatTable(['id', 'kind', 'what', 'state', 'tries', 'since', 'progress', 'cause'], list.map(rowOf)));
    });

  jobs
    .command('summary')
    .description('how busy the workers are, what waits and runs by kind, and what came of the last 24 hours')
    .option('--watch', 'again every 5 seconds, until it is interrupted')
    .option('--json', 'as JSON, one line each time')
    .action(async ({ watch, json }: { watch?: true; json?: true }) => {
      await withWork(config(), async (report) => {
        for (;;) {
          const work = await report();
          print(json ? JSON.stringify(work) : summaryOf(work));
          if (watch === undefined) return;
          await sleep(WATCH_EVERY_MS);
        }
      });
    });

  jobs
    .command('show')
    .description('all that is known of one job')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: true }) => {
      const job = await withDesk(config(), (desk) => desk.show(id));
      print(json ? JSON.stringify(job, null, 2) : jobText(job));
    });

  jobs
    .command('retry')
    .description('put a failed or cancelled job in line again')
    .argument('<id>')
    .action(async (id: string) => {
      const job = await change(config(), 'retry', id);
      print(`The job ${job.id} (${job.kind} ${job.what}) is in line again.`);
    });

  jobs
    .command('cancel')
    .description('take a job out of the line, or stop it where it runs')
    .argument('<id>')
    .action(async (id: string) => {
      const job = await change(config(), 'cancel', id);
      print(`The job ${job.id} (${job.kind} ${job.what}) is cancelled. ${JOB_KINDS[job.kind].afterCancel}`);
    });
}

async function change(config: Config, verb: 'retry' | 'cancel', id: string): Promise<JobInfo> {
  const deedOf = ({ kind, what }: JobInfo) => ({ action: `job.${verb}`, target: `${kind} ${what}`, details: { id } });
  return await withDesk(config, (desk, db) => changeWithDeed(db, deedOf, (tx) => desk[verb](id, tx)));
}

async function withDesk<T>(config: Config, work: (desk: JobDesk, db: Database) => Promise<T>): Promise<T> {
  const { openJobDesk } = await loadJobs();
  return await withDatabase(config, async (db, url) => {
    await using desk = await openJobDesk(url, { db, clock: systemClock });
    return await work(desk, db);
  });
}

async function withWork(config: Config, work: (report: () => Promise<WorkReport>) => Promise<void>): Promise<void> {
  const { reportWork } = await loadJobs();
  await withDatabase(config, (db) =>
    work(() => reportWork(db, new Date(systemClock.now() - DAY_MS).toISOString(), () => true)),
  );
}

const DAY_MS = 24 * 3_600_000;
const WATCH_EVERY_MS = 5_000;

/** A line on the workers, and a table of the kinds. */
function summaryOf({ workers, places, running, kinds }: WorkReport): string {
  const waiting = kinds.reduce((sum, kind) => sum + kind.waiting, 0);
  const share =
    places === 0 ? '' : `, ${Math.floor((running / places) * 100)} % of ${places} ${places === 1 ? 'place' : 'places'}`;
  const head = `${new Date(systemClock.now()).toISOString().slice(0, 19)}Z workers: ${workers}, running: ${running}${share}, waiting: ${waiting}`;
  if (kinds.length === 0) return `${head}\nNothing was done within the last 24 hours.`;
  const rows = kinds.map((kind) => [
    kind.kind,
    ...[kind.running, kind.waiting, kind.done, kind.failed].map((jobs) => jobs.toLocaleString('en')),
    kind.amounts
      .map(({ unit, amount }) => `${amount.toLocaleString('en')} ${amount === 1 ? unit.slice(0, -1) : unit}`)
      .join(', '),
  ]);
  return `${head}\n${formatTable(['kind', 'running', 'waiting', 'done 24 h', 'failed 24 h', 'what came of it'], rows)}`;
}

function rowOf(job: JobInfo): string[] {
  const { id, kind, node, what, state, tries, createdAt, startedAt, endedAt, cause } = job;
  const since = (endedAt ?? startedAt ?? createdAt).slice(0, 19);
  return [
    id,
    node === null ? kind : `${kind} (${node})`,
    what,
    state,
    String(tries),
    since,
    progressText(job),
    cause ?? '',
  ];
}

/** Such as `1,200 of 5,000 posts`; empty where nothing is counted. */
function progressText({ progress }: JobInfo): string {
  if (progress === null) return '';
  const { done, of, unit } = progress;
  return `${done.toLocaleString('en')}${of === null ? '' : ` of ${of.toLocaleString('en')}`} ${unit}`;
}

/** All of a job in words, a line each; what it was told as JSON, for its fields are those of its kind. */
function jobText(job: Awaited<ReturnType<JobDesk['show']>>): string {
  const { node, heartbeatAt, startedAt, endedAt, cause } = job;
  return [
    `id: ${job.id}`,
    `work: ${job.what === job.kind ? job.kind : `${job.kind} ${job.what}`}`,
    `node: ${node ?? 'any'}`,
    `state: ${job.state}`,
    `tries: ${job.tries}`,
    `put in line: ${job.createdAt}`,
    ...(startedAt === null ? [] : [`begun: ${startedAt}`]),
    ...(heartbeatAt === null || endedAt !== null ? [] : [`last sign of life: ${heartbeatAt}`]),
    ...(job.progress === null ? [] : [`progress: ${progressText(job)}`]),
    ...(endedAt === null ? [] : [`ended: ${endedAt}`]),
    ...(cause === null ? [] : [`cause: ${cause}`]),
    `told: ${JSON.stringify(job.data)}`,
  ].join('\n');
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('Give a whole number above 0.');
  return limit;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
