/** Watches the status page from aside for as long as a test runs, and notes whatever is not as it was promised. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Status } from './mistnet.ts';

export type StatusWatch = {
  /** Ends the watch. `agesMs`: how old the last byte was by each answer while connected: on a busy stream, the answer's own age. */
  end(): Promise<{ problems: string[]; answers: number; agesMs: number[] }>;
};

const EVERY_MS = 200;
const STATES = ['starting', 'connected', 'reconnecting', 'paused', 'stopped', 'failed'];
const COUNTS = ['captured', 'loaded', 'quarantined', 'openSegments', 'sealedSegments', 'gaps'] as const;

/** An answer that does not come (the server is away) is no problem here; one that is wrong is. */
export function watchStatus(url: string): StatusWatch {
  const stop = new AbortController();
  const problems = new Set<string>();
  const agesMs: number[] = [];
  const before = new Map<string, Status>();
  let answers = 0;
  const look = async () => {
    const response = await fetch(new URL('/api/v1/status', url), { signal: stop.signal }).catch(() => undefined); // away
    if (response?.status !== 200) return;
    const body = (await response.json()) as { collections: Status[] };
    answers++;
    for (const status of body.collections) {
      for (const problem of problemsOf(status, before.get(status.name)))
        problems.add(`${problem}: ${JSON.stringify(status)}`);
      before.set(status.name, status);
      if (status.state === 'connected' && status.lastByteAt !== null)
        agesMs.push(Date.now() - Date.parse(status.lastByteAt));
    }
  };
  const watching = (async () => {
    while (!stop.signal.aborted) {
      await look().catch((error: unknown) => stop.signal.aborted || problems.add(String(error)));
      await sleep(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined); // ended
    }
  })();
  return {
    end: async () => {
      stop.abort();
      await watching;
      return { problems: [...problems].slice(0, 10), answers, agesMs };
    },
  };
}

function problemsOf(status: Status, before: Status | undefined): string[] {
  const problems: string[] = [];
  if (typeof status.name !== 'string') problems.push('no name');
  if (!STATES.includes(status.state)) problems.push('an unknown state');
  for (const key of COUNTS)
    if (!Number.isSafeInteger(status[key]) || status[key] < 0) problems.push(`${key} is no count`);
  if (status.lastByteAt !== null && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(status.lastByteAt))
    problems.push('lastByteAt is no instant');
  if (status.captured < status.loaded + status.quarantined) problems.push('more loaded than captured');
  if (before !== undefined && status.captured < before.captured) problems.push(`captured fell from ${before.captured}`);
  return problems;
}
