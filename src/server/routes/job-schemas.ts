/** Jobs as the API shows them. */
import { z } from 'zod';
import { JOB_KINDS, type JobKind } from '../../jobs/job-kinds.ts';

const instant = z.string().meta({ format: 'date-time' });
export const jobStates = ['waiting', 'retrying', 'running', 'done', 'cancelled', 'failed'] as const;
export const jobKinds = Object.keys(JOB_KINDS) as [JobKind, ...JobKind[]];

export const jobSchema = z
  .object({
    id: z.string(),
    kind: z.enum(jobKinds),
    node: z.string().nullable().meta({ description: 'Whose queue it is in; null where any node may do it' }),
    what: z.string().meta({ description: 'What it is about' }),
    state: z.enum(jobStates),
    tries: z.number().int().nonnegative(),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    heartbeatAt: instant.nullable(),
    cause: z.string().nullable().meta({ description: 'Why it failed last' }),
    progress: z
      .object({
        done: z.number().int().nonnegative(),
        of: z.number().int().nonnegative().nullable().meta({ description: 'Null where nobody can know it' }),
        unit: z.enum(['posts', 'ids']),
      })
      .nullable()
      .meta({ description: 'Of one that runs, where its work counts something' }),
  })
  .meta({ id: 'Job' });

export const jobsReplySchema = z
  .object({
    jobs: z.array(jobSchema).meta({ description: 'Those that run first, then the newest' }),
    counts: z
      .array(z.object({ kind: z.enum(jobKinds), state: z.enum(jobStates), jobs: z.number().int().nonnegative() }))
      .meta({ description: 'How many there are of each kind in each state, whatever was asked for' }),
  })
  .meta({ id: 'Jobs' });

export const jobDetailSchema = jobSchema
  .extend({
    data: z.record(z.string(), z.unknown()).meta({ description: 'What the job was told' }),
    output: z.record(z.string(), z.unknown()).nullable().meta({ description: 'What it left behind' }),
  })
  .meta({ id: 'JobDetail' });

export const upcomingReplySchema = z
  .object({
    upcoming: z.array(
      z.object({
        kind: z.enum(['timeline', 'accounts', 'links']),
        subject: z.string().nullable().meta({ description: 'The collection, of timelines' }),
        planned: z.number().int().nonnegative(),
        due: z.number().int().nonnegative().meta({ description: 'How many of them are due now' }),
        nextAt: instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'UpcomingWork' });

const perHour = z.array(z.number().int().nonnegative());

export const jobHoursReplySchema = z
  .object({
    firstHour: instant.meta({ description: 'Begin of the first hour' }),
    kinds: z
      .array(z.object({ kind: z.enum(jobKinds), done: perHour, failed: perHour }))
      .meta({ description: 'By kind, those without any left out; the last hour is the running one' }),
  })
  .meta({ id: 'JobHours' });

const count = z.number().int().nonnegative();

export const workReplySchema = z
  .object({
    since: instant.meta({ description: 'Begin of the 24 hours' }),
    workers: count.meta({ description: 'Workers that spoke within the last minute' }),
    places: count.meta({ description: 'How many jobs these do at a time, all together' }),
    running: count.meta({ description: 'How many jobs run now, those of collections out of sight too' }),
    kinds: z
      .array(
        z.object({
          kind: z.enum(jobKinds),
          running: count,
          waiting: count.meta({ description: 'For the first try or a further one' }),
          done: count.meta({ description: 'Since then, as far as the queue remembers' }),
          failed: count.meta({ description: 'Since then, as far as the queue remembers' }),
          amounts: z
            .array(z.object({ unit: z.enum(['requests', 'posts', 'accounts', 'links']), amount: count }))
            .meta({ description: 'What came of it since then; none where nothing is counted' }),
        }),
      )
      .meta({ description: 'By kind, those without any left out' }),
  })
  .meta({ id: 'Work' });
