/** A desk for timelines as the worker has it, and what it asks with; for tests in this process and for programs that are killed. */
import { join } from 'node:path';
import { silentLog } from '../../../src/core/log.ts';
import { type Clock, systemClock } from '../../../src/core/time.ts';
import { TimelineDesk } from '../../../src/jobs/timelines/timeline-desk.ts';
import type { HttpCaller } from '../../../src/platforms/http-call.ts';
import type { Asker } from '../../../src/platforms/make-call.ts';
import { memoryPermits } from '../../../src/platforms/memory-permits.ts';
import type { PermitSource, PooledCredential } from '../../../src/platforms/permit-source.ts';
import { classifyLine } from '../../../src/platforms/x/classify-line.ts';
import { createLegacyXReads, createXReads, TIMELINE_HORIZON } from '../../../src/platforms/x/read/x-reads.ts';
import type { Database } from '../../../src/store/db.ts';

const QUICK = { firstMs: 50, maxMs: 200, doubling: true } as const;

export function credential(label: string, token = 'emulator-token', kind: 'app' | 'user' = 'app'): PooledCredential {
  return { label, kind, authorization: () => `Bearer ${token}` };
}

export function permitsFor(credentials: PooledCredential[], budgetMicros?: number) {
  return memoryPermits({ credentials, clock: systemClock, ...(budgetMicros === undefined ? {} : { budgetMicros }) });
}

export function quickAsker(http: HttpCaller, clock: Clock, permits: PermitSource): Asker {
  const ladders = { network: QUICK, server: QUICK, rate: QUICK };
  return { ...{ http, permits, clock, ladders }, random: () => 0, timeoutMs: 60_000, maxBytes: 2 ** 26 };
}

/** `folder`: of all nodes; each has its own below it. */
export function makeDesk(options: {
  db: Database;
  clock: Clock;
  apiUrl: string;
  folder: string;
  node: string;
  signal: AbortSignal;
  askerOf: (collection: string) => Asker;
}): TimelineDesk {
  const { apiUrl, folder, node } = options;
  const [v2, legacy] = [createXReads({ apiUrl }), createLegacyXReads({ apiUrl })];
  return new TimelineDesk({
    ...{ ...options, log: silentLog, classifyLine, horizon: TIMELINE_HORIZON, sealAgeMs: 60_000, sealBytes: 2 ** 22 },
    segmentsFolder: join(folder, node, 'segments'),
    runFolder: join(folder, node, 'run'),
    quarantineFolder: join(folder, node, 'quarantine'),
    question: (api, { accountId, ...since }) =>
      api === 'v2' ? v2.timeline({ accountId, ...since }) : legacy.timeline({ account: { id: accountId }, ...since }),
  });
}
