import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ComplianceJob, ComplianceJobs } from './compliance-jobs.ts';
import { redactionLine } from './redaction.ts';
import { DELIVERY_PATH, isSigned, SUBMISSION_PATH, type Use } from './signed-address.ts';
import { UploadIntake } from './upload-intake.ts';
import type { FaceParts } from '../../face-parts.ts';
import { OWN } from '../../http/dialect.ts';
import { ownOrigin } from '../../http/own-origin.ts';
import type { Answer, Exchange, Handler } from '../../http/exchange.ts';
import type { Route } from '../../http/route.ts';

/** The storage that jobs point at: ids are put there, results fetched. Whoever has a signed address may use it. */
export function storageRoutes(parts: FaceParts, jobs: ComplianceJobs): Route[] {
  const open = (method: Route['method'], path: string, handle: Handler): Route => {
    return { method, path, callers: ['nobody'], dialect: OWN, handle };
  };
  return [
    open('PUT', SUBMISSION_PATH, (exchange) => upload(exchange, parts, jobs)),
    open('POST', SUBMISSION_PATH, (exchange) => beginResumable(exchange, parts, jobs)),
    open('GET', DELIVERY_PATH, (exchange) => download(exchange, parts, jobs)),
  ];
}

/** `Content-Range: bytes 0-99/200`, `bytes 0-99/*` or, to ask how far it got, `bytes *` + `/200`. */
const CONTENT_RANGE = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/;

async function upload(exchange: Exchange, parts: FaceParts, jobs: ComplianceJobs): Promise<Answer> {
  const job = openJob(exchange, parts, jobs);
  if ('status' in job) return job;
  const contentRange = exchange.request.headers['content-range'];
  if (contentRange === undefined) {
    const intake = newIntake(job, parts);
    await takeAll(exchange, intake);
    return finish(jobs, job, intake);
  }
  const [whole, first, , total] = CONTENT_RANGE.exec(contentRange) ?? [];
  const intake = job.partial;
  if (whole === undefined || intake === undefined) return storageError(400, 'InvalidArgument', 'Invalid argument.');
  if (first !== undefined && Number(first) !== intake.bytes) return incomplete(intake);
  if (first !== undefined) await takeAll(exchange, intake);
  return intake.bytes === Number(total) ? finish(jobs, job, intake) : incomplete(intake);
}

/** What was taken of a part that broke off stays taken. */
async function takeAll({ request }: Exchange, intake: UploadIntake): Promise<void> {
  for await (const piece of request as AsyncIterable<Buffer>) await intake.take(piece);
}

function finish(jobs: ComplianceJobs, job: ComplianceJob, intake: UploadIntake): Answer {
  intake.finish();
  jobs.uploaded(job, intake);
  return { status: 200, body: '', headers: PLAIN };
}

/** "Resume incomplete": says which bytes are there. */
function incomplete({ bytes }: UploadIntake): Answer {
  return { status: 308, body: '', headers: { ...PLAIN, ...(bytes > 0 && { range: `bytes=0-${bytes - 1}` }) } };
}

function beginResumable(exchange: Exchange, parts: FaceParts, jobs: ComplianceJobs): Answer {
  const job = openJob(exchange, parts, jobs);
  if ('status' in job) return job;
  if (!job.resumable || exchange.request.headers['x-goog-resumable'] !== 'start') {
    return storageError(400, 'InvalidArgument', 'Invalid argument.');
  }
  job.partial = newIntake(job, parts);
  const location = `${ownOrigin(exchange.request)}${exchange.url.pathname}${exchange.url.search}&upload_id=${job.id}`;
  return { status: 201, body: '', headers: { ...PLAIN, location } };
}

async function download(exchange: Exchange, parts: FaceParts, jobs: ComplianceJobs): Promise<Answer | undefined> {
  const job = signedJob(exchange, parts, jobs, 'delivery');
  if ('status' in job) return job;
  const status = jobs.statusOf(job);
  if (status === 'expired') return EXPIRED;
  if (status !== 'complete' || job.work === undefined) {
    return storageError(404, 'NoSuchKey', 'The specified key does not exist.');
  }
  const { response, headers } = exchange;
  response.writeHead(200, { ...headers, ...PLAIN });
  try {
    await pipeline(Readable.from(job.work.results), response);
  } catch (error) {
    // A client that leaves before the end has seen enough.
    if (!response.destroyed) throw error;
  }
  return undefined;
}

/** The states of accounts and posts are those at the time of the upload. */
function newIntake({ type }: ComplianceJob, { world }: FaceParts): UploadIntake {
  const at = world.now();
  return new UploadIntake((id) => redactionLine(world, type, id, at));
}

/** A job that takes an upload now, or the storage's refusal. */
function openJob(exchange: Exchange, parts: FaceParts, jobs: ComplianceJobs): ComplianceJob | Answer {
  const job = signedJob(exchange, parts, jobs, 'submission');
  if ('status' in job) return job;
  // The type is among the signed headers.
  const type = exchange.request.headers['content-type'] ?? '';
  if (!job.resumable && !/^text\/plain\b/i.test(type)) return WRONG_SIGNATURE;
  const status = jobs.statusOf(job);
  if (status === 'created') return job;
  return status === 'expired' ? EXPIRED : storageError(403, 'AccessDenied', 'Access denied.');
}

function signedJob(exchange: Exchange, { world }: FaceParts, jobs: ComplianceJobs, use: Use): ComplianceJob | Answer {
  const id = exchange.path['job'] ?? '';
  if (!isSigned(world.seed, use, id, exchange.url.searchParams)) return WRONG_SIGNATURE;
  return jobs.find(id) ?? EXPIRED;
}

const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

const WRONG_SIGNATURE: Answer = storageError(
  403,
  'SignatureDoesNotMatch',
  'The request signature we calculated does not match the signature you provided.',
);
const EXPIRED: Answer = storageError(400, 'ExpiredToken', 'The provided token has expired.');

/** The storage isn't the platform's own: it speaks XML. */
function storageError(status: number, code: string, message: string): Answer {
  return {
    status,
    body: `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    headers: { 'content-type': 'application/xml; charset=UTF-8' },
  };
}
