import { z } from 'zod';
import type { Clock } from '../../core/time.ts';
import { JOB_KINDS, type JobKind, parseQueueName } from '../../jobs/job-kinds.ts';
import type { JobInfo } from '../../jobs/job-list.ts';
import type { EndedJobs } from '../../store/queries/ended-jobs.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed } from '../audit.ts';
import { type Sight, sees, sightOf } from '../caller.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import {
  jobDetailSchema,
  jobHoursReplySchema,
  jobKinds,
  jobSchema,
  jobsReplySchema,
  jobStates,
  upcomingReplySchema,
  workReplySchema,
} from './job-schemas.ts';
import { HOUR_MS } from '../time-buckets.ts';

const params = z.object({ id: z.uuid() });

/** Work in the background: what waits, runs and failed; what comes next by schedule; and to try again or cancel. */
export function jobRoutes(app: App, { sources, clock }: { sources: ServerSources; clock: Clock }): void {
  app.get(
    '/api/v1/jobs',
    {
      schema: {
        operationId: 'listJobs',
        summary: 'Jobs, those that run first, then the newest, and how many there are of each kind and state',
        tags: ['jobs'],
        querystring: z.object({
          state: z.enum(jobStates).optional(),
          kind: z.enum(jobKinds).optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: jsonReply('Jobs', jobsReplySchema), ...problemReplies(400, 503) },
      },
    },
    async (request) => {
      const { state, kind, limit } = request.query;
      const sight = await sightOf(request);
      const all = (await askSource(sources.jobs.list({ limit: MANY }))).filter((job) => mayShow(job, sight));
      const jobs = all.filter((job) => (state ?? job.state) === job.state && (kind ?? job.kind) === job.kind);
      return { jobs: jobs.slice(0, limit), counts: countJobs(all) };
    },
  );
  app.get(
    '/api/v1/jobs/upcoming',
    {
      schema: {
        operationId: 'listUpcomingWork',
        summary: 'What is due next by schedule',
        tags: ['jobs'],
        response: { 200: jsonReply('By kind', upcomingReplySchema), ...problemReplies(503) },
      },
    },
    async (request) => {
      const sight = await sightOf(request);
      const upcoming = await askSource(sources.jobs.upcoming());
      return { upcoming: upcoming.filter(({ subject }) => subject === null || sees(sight, subject)) };
    },
  );
  app.get(
    '/api/v1/jobs/hours',
    {
      schema: {
        operationId: 'listJobHours',
        summary: 'How many jobs of each kind were done and failed in each of the last 24 hours',
        tags: ['jobs'],
        response: { 200: jsonReply('By kind', jobHoursReplySchema), ...problemReplies(503) },
      },
    },
    async (request) => {
      const sight = await sightOf(request);
      const firstMs = (Math.floor(clock.now() / HOUR_MS) - SHOWN_HOURS + 1) * HOUR_MS;
      const firstHour = new Date(firstMs).toISOString();
      return { firstHour, kinds: hoursByKind(await askSource(sources.jobs.ended(firstHour)), firstMs, sight) };
    },
  );
  app.get(
    '/api/v1/jobs/work',
    {
      schema: {
        operationId: 'getWork',
        summary: 'How busy the workers are, and what came of the work of the last 24 hours',
        tags: ['jobs'],
        response: { 200: jsonReply('Workers and work', workReplySchema), ...problemReplies(503) },
      },
    },
    async (request) => {
      const sight = await sightOf(request);
      const since = new Date(clock.now() - SHOWN_HOURS * HOUR_MS).toISOString();
      return await askSource(sources.jobs.work(since, (kind, what) => mayShow({ kind, what }, sight)));
    },
  );
  app.get(
    '/api/v1/jobs/:id',
    {
      schema: {
        operationId: 'getJob',
        summary: 'All that is known of one job',
        tags: ['jobs'],
        params,
        response: { 200: jsonReply('The job', jobDetailSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const job = await known(askSource(sources.jobs.show(request.params.id)));
      if (!mayShow(job, await sightOf(request))) throw noSuchJob(request.params.id);
      return { ...job, data: { ...job.data }, output: job.output === null ? null : { ...job.output } };
    },
  );
  for (const action of ['retry', 'cancel'] as const)
    app.post(
      `/api/v1/jobs/:id/${action}`,
      {
        schema: {
          operationId: `${action}Job`,
          summary:
            action === 'retry'
              ? 'Puts a failed or cancelled job in line again'
              : 'Takes a job out of the line, or stops it within seconds where it runs',
          tags: ['jobs'],
          params,
          response: { 200: jsonReply('The job as it is now', jobSchema), ...problemReplies(400, 404, 409, 503) },
        },
      },
      async (request) => {
        const { id } = request.params;
        const job = await known(askSource(sources.jobs.show(id)));
        if (!mayShow(job, await sightOf(request))) throw noSuchJob(id);
        await changeWithDeed(
          request,
          ({ kind, what }: JobInfo) => ({ action: `job.${action}`, target: `${kind} ${what}`, details: { id } }),
          (inside) => inside.jobs[action](id),
        );
        return await askSource(sources.jobs.show(id));
      },
    );
}

const SHOWN_HOURS = 24;

/** Kinds that the queue forgets before a day is over would seem to have done less. */
function hoursByKind(ended: readonly EndedJobs[], firstMs: number, sight: Sight) {
  const kinds = (Object.keys(JOB_KINDS) as JobKind[]).filter((kind) => JOB_KINDS[kind].keptS >= SHOWN_HOURS * 3600);
  return kinds.flatMap((kind) => {
    const own = ended.filter(
      ({ queue, subject }) => parseQueueName(queue)?.kind === kind && mayShow({ kind, what: subject ?? '' }, sight),
    );
    const perHour = (state: EndedJobs['state']) => {
      const hours = Array<number>(SHOWN_HOURS).fill(0);
      for (const { hour, jobs, state: found } of own) {
        const at = (Date.parse(hour) - firstMs) / HOUR_MS;
        if (found === state && hours[at] !== undefined) hours[at] += jobs;
      }
      return hours;
    };
    return own.length === 0 ? [] : [{ kind, done: perHour('completed'), failed: perHour('failed') }];
  });
}

/** More than ever stand there at once, but for timelines, of which the newest are enough. */
const MANY = 5_000;

/** Jobs about a collection are seen by those who see it; these say it in what they are about. */
function mayShow({ kind, what }: Pick<JobInfo, 'kind' | 'what'>, sight: Sight): boolean {
  const isOfCollection = kind === 'hour' || kind === 'timeline' || kind === 'hydration';
  return !isOfCollection || sees(sight, what.split('/', 1)[0] ?? '');
}

function countJobs(jobs: readonly JobInfo[]) {
  const groups = Map.groupBy(jobs, ({ kind, state }) => `${kind} ${state}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ kind: first.kind, state: first.state, jobs: group.length }];
  });
}

async function known<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'job.failed')
      throw new ProblemError('job.unknown', error.message, { cause: error });
    throw error;
  }
}

function noSuchJob(id: string): ProblemError {
  return new ProblemError('job.unknown', `There is no job ${id}.`);
}
