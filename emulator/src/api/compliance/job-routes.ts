import type { ComplianceJob, ComplianceJobs } from './compliance-jobs.ts';
import { readJobOrder } from './job-order.ts';
import { signAddress, type Use } from './signed-address.ts';
import type { FaceParts } from '../../face-parts.ts';
import { V2 } from '../../http/dialect.ts';
import { ownOrigin } from '../../http/own-origin.ts';
import type { Answer, Exchange } from '../../http/exchange.ts';
import type { Route } from '../../http/route.ts';
import { isoSecond } from '../iso-second.ts';
import { ParameterReader, type ParameterRule, Parameters } from '../parameters.ts';
import type { Problem } from '../problems.ts';
import { inVocabulary } from '../vocabulary.ts';

const FIELDS: ParameterRule = {
  // All of a job is always shown.
  name: 'compliance_job.fields',
  kind: 'choices',
  values: [
    'created_at',
    'download_expires_at',
    'download_url',
    'id',
    'name',
    'resumable',
    'status',
    'type',
    'upload_expires_at',
    'upload_url',
  ],
};
const TYPE: ParameterRule = { name: 'type', kind: 'choice', values: ['tweets', 'users'], fallback: '', required: true };
const STATUS: ParameterRule = {
  name: 'status',
  kind: 'choice',
  // `expired` isn't in the specification, but jobs show it.
  values: ['created', 'in_progress', 'failed', 'complete', 'expired'],
  fallback: '',
};
const ID: ParameterRule = { name: 'id', kind: 'id', path: true, required: true };

/** `POST /2/compliance/jobs`, `GET /2/compliance/jobs` and `GET /2/compliance/jobs/:id`. */
export function jobRoutes(parts: FaceParts, jobs: ComplianceJobs): Route[] {
  const { vocabulary } = parts;
  const route = (method: 'GET' | 'POST', path: string, rules: readonly ParameterRule[], respond: Respond): Route => {
    const reader = new ParameterReader(rules, []);
    return {
      method,
      path,
      callers: ['app'],
      dialect: V2,
      handle: async (exchange) => {
        const parameters = reader.read(exchange.url.searchParams, exchange.path);
        if (!(parameters instanceof Parameters)) return parameters;
        const { caller } = exchange;
        const appId = caller.kind === 'nobody' ? '' : caller.app.id;
        const answer = await respond(exchange, parameters, appId);
        return { ...answer, body: inVocabulary(vocabulary, answer.body) };
      },
    };
  };
  return [
    route('POST', '/2/compliance/jobs', [FIELDS], async (exchange, _parameters, appId) => {
      const order = readJobOrder(await exchange.body());
      if ('body' in order) return order;
      const isBusy = jobs.of(appId, order.type).some((job) => jobs.statusOf(job) === 'in_progress');
      if (isBusy) return CONFLICT;
      return { status: 200, body: { data: jobObject(parts, jobs, jobs.add(appId, order), exchange) } };
    }),
    route('GET', '/2/compliance/jobs', [TYPE, STATUS, FIELDS], (exchange, parameters, appId) => {
      const status = parameters.choice('status');
      const data = jobs
        .of(appId, parameters.choice('type') === 'users' ? 'users' : 'tweets')
        .filter((job) => status === '' || jobs.statusOf(job) === status)
        .map((job) => jobObject(parts, jobs, job, exchange));
      return { status: 200, body: { ...(data.length > 0 && { data }), meta: { result_count: data.length } } };
    }),
    route('GET', '/2/compliance/jobs/:id', [ID, FIELDS], (exchange, parameters, appId) => {
      const id = parameters.text('id') ?? '';
      const job = jobs.find(id);
      if (job === undefined || job.appId !== appId) return V2.refuse('not-found');
      return { status: 200, body: { data: jobObject(parts, jobs, job, exchange) } };
    }),
  ];
}

type Respond = (exchange: Exchange, parameters: Parameters, appId: string) => Answer | Promise<Answer>;

const CONFLICT: Problem = {
  status: 409,
  body: {
    title: 'Conflict',
    detail: 'You cannot create a new job if one is already in progress.',
    type: 'https://api.twitter.com/2/problems/conflict',
    status: 409,
  },
};

/** Keys in the order of a recording. Clients wait for the expiries in their own time. */
function jobObject({ world }: FaceParts, jobs: ComplianceJobs, job: ComplianceJob, { request }: Exchange): object {
  const origin = ownOrigin(request);
  const { id, appId, createdAt, uploadExpiresAt, downloadExpiresAt, told } = job;
  const address = (use: Use, until: number): string => {
    const signed = { use, job: id, app: appId, signedAt: createdAt, seconds: Math.round((until - createdAt) / 1000) };
    return `${origin}${signAddress(world.seed, signed)}`;
  };
  return {
    upload_expires_at: isoSecond(told.uploadExpiresAt),
    created_at: isoSecond(told.createdAt),
    status: jobs.statusOf(job),
    download_url: address('delivery', downloadExpiresAt),
    resumable: job.resumable,
    upload_url: address('submission', uploadExpiresAt),
    type: job.type,
    download_expires_at: isoSecond(told.downloadExpiresAt),
    id,
    ...(job.name !== undefined && { name: job.name }),
  };
}
