/** How many posts of the last seven days a rule would have found, by the platform's own count. */
import { MistnetError } from '../core/errors.ts';
import type { Asker } from '../platforms/make-call.ts';
import type { CountBucket } from '../platforms/read-adapter.ts';
import { readPages } from '../platforms/read-pages.ts';
import { createXReads } from '../platforms/x/read/x-reads.ts';

/** Hours, oldest first; or why they cannot be told, one sentence: money, permits, keys, the platform's own word, or the signal. */
export async function countHours({
  asker,
  apiUrl,
  query,
  signal,
}: {
  asker: Asker;
  apiUrl: string;
  query: string;
  signal: AbortSignal;
}): Promise<{ hours: CountBucket[] } | { why: string }> {
  const hours: CountBucket[] = [];
  try {
    const question = createXReads({ apiUrl }).counts({ query, archive: false, granularity: 'hour' });
    const pages = readPages(asker, question, { signal });
    for (;;) {
      const step = await pages.next();
      if (!step.done) {
        hours.push(...step.value.page.counts);
        continue;
      }
      const { value: end } = step;
      if (end.kind === 'refused') return { why: `The platform does not count this: ${end.refusal.sentence}.` };
      if (end.kind === 'unreachable') return { why: `The platform does not answer: ${end.cause}.` };
      return { hours: hours.toSorted((a, b) => (a.start < b.start ? -1 : 1)) };
    }
  } catch (error) {
    if (error instanceof MistnetError) return { why: error.message };
    if (signal.aborted) return { why: 'The platform’s count takes too long just now; try again in a minute.' };
    throw error;
  }
}
