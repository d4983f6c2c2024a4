import type { ComplianceType } from './redaction.ts';
import type { UploadIntake } from './upload-intake.ts';
import type { VirtualClock } from '../../clock.ts';
import { postId } from '../../world/ids.ts';

const MINUTE_MS = 60_000;
const UPLOAD_MS = 15 * MINUTE_MS;
const DOWNLOAD_MS = 7 * 24 * 60 * MINUTE_MS;
/** How long a job takes: so long, and so much for each id. Virtual time. */
const LEAST_WORK_MS = 10_000;
const WORK_MS_AN_ID = 0.1;
/** Older jobs of an app are forgotten. */
const KEPT = 500;

export type JobStatus = 'created' | 'in_progress' | 'failed' | 'complete' | 'expired';

/** What a new job is to be. */
export interface JobOrder {
  readonly type: ComplianceType;
  readonly name: string | undefined;
  readonly resumable: boolean;
}

/** A batch of ids to be looked up. Instants are virtual Unix ms, but for those that are told. */
export interface ComplianceJob extends JobOrder {
  readonly id: string;
  readonly appId: string;
  readonly createdAt: number;
  readonly uploadExpiresAt: number;
  readonly downloadExpiresAt: number;
  /** The same three instants on the clients' clock, real Unix ms: they stay what they were told to be. */
  readonly told: { readonly createdAt: number; readonly uploadExpiresAt: number; readonly downloadExpiresAt: number };
  /** The upload so far, when it comes in several parts. */
  partial: UploadIntake | undefined;
  /** The whole upload, and when it has been worked through. */
  work: { readonly readyAt: number; readonly isFailed: boolean; readonly results: readonly string[] } | undefined;
}

/** All compliance jobs of all apps. What happens to a job in time is told when it is asked for. */
export class ComplianceJobs {
  readonly #clock: Pick<VirtualClock, 'now' | 'wallAt'>;
  readonly #jobs = new Map<string, ComplianceJob>();
  #made = 0;

  constructor(clock: Pick<VirtualClock, 'now' | 'wallAt'>) {
    this.#clock = clock;
  }

  add(appId: string, order: JobOrder): ComplianceJob {
    this.#forget();
    const { now, wallAt } = this.#clock;
    const createdAt = now();
    const uploadExpiresAt = createdAt + UPLOAD_MS;
    const downloadExpiresAt = createdAt + DOWNLOAD_MS;
    const job: ComplianceJob = {
      ...order,
      id: postId({ at: createdAt, slot: this.#made++ % 4096 }),
      appId,
      createdAt,
      uploadExpiresAt,
      downloadExpiresAt,
      told: {
        createdAt: wallAt(createdAt),
        uploadExpiresAt: wallAt(uploadExpiresAt),
        downloadExpiresAt: wallAt(downloadExpiresAt),
      },
      partial: undefined,
      work: undefined,
    };
    this.#jobs.set(job.id, job);
    const [oldest, ...others] = [...this.#jobs.values()].filter((other) => other.appId === appId);
    if (oldest !== undefined && others.length >= KEPT) this.#jobs.delete(oldest.id);
    return job;
  }

  /** Whoever's it is. */
  find(id: string): ComplianceJob | undefined {
    return this.#jobs.get(id);
  }

  /** Newest first. */
  of(appId: string, type: ComplianceType): ComplianceJob[] {
    return [...this.#jobs.values()].filter((job) => job.appId === appId && job.type === type).toReversed();
  }

  statusOf(job: ComplianceJob): JobStatus {
    const now = this.#clock.now();
    const { work } = job;
    if (work === undefined) return now < job.uploadExpiresAt ? 'created' : 'expired';
    if (now >= job.downloadExpiresAt) return 'expired';
    if (now < work.readyAt) return 'in_progress';
    return work.isFailed ? 'failed' : 'complete';
  }

  /** A job fails whose upload holds no ids, or something else than ids. */
  uploaded(job: ComplianceJob, intake: UploadIntake): void {
    const isFailed = intake.faults > 0 || intake.ids === 0;
    const readyAt = this.#clock.now() + LEAST_WORK_MS + intake.ids * WORK_MS_AN_ID;
    job.work = { readyAt, isFailed, results: isFailed ? [] : intake.results };
    job.partial = undefined;
  }

  /** Results that nobody can fetch any more take no memory. */
  #forget(): void {
    for (const job of this.#jobs.values()) {
      if (this.statusOf(job) !== 'expired') continue;
      job.partial = undefined;
      if (job.work !== undefined) job.work = { ...job.work, results: [] };
    }
  }
}
