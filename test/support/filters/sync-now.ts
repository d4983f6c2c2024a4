/** Brings all shared streams' rules to a platform once, as a worker does. */
import { silentLog } from '../../../src/core/log.ts';
import { RulesPace } from '../../../src/jobs/filters/rules-pace.ts';
import { holdStream, syncRules } from '../../../src/jobs/filters/sync-rules.ts';
import { createHttpCaller } from '../../../src/platforms/http-call.ts';
import type { Database } from '../../../src/store/db.ts';
import { streamsToSync } from '../../../src/store/filters/rule-rows.ts';
import { simplePermits } from '../simple-permits.ts';

const SETTLE_MS = 50;

/** Answers whether each stream is as it is wanted; a stream that another one is at is left out. */
export async function syncNow(
  db: Database,
  apiUrl: string,
  { isThorough = true }: { isThorough?: boolean } = {},
): Promise<boolean[]> {
  using http = createHttpCaller();
  const { signal } = new AbortController();
  const done: boolean[] = [];
  for (const { plan, credential } of await streamsToSync(db)) {
    const asker = { http, permits: simplePermits(), credential, apiUrl, timeoutMs: 10_000, maxBytes: 2 ** 24, signal };
    const pace = new RulesPace(() => performance.now());
    await holdStream(db, plan, async () => {
      const now = (await streamsToSync(db)).find((each) => each.plan === plan);
      if (now === undefined) return;
      const options = { db, asker, log: silentLog, signal, isThorough, pace, settleMs: SETTLE_MS };
      done.push(await syncRules(now, options));
    });
  }
  return done;
}
