/** Looks again at accounts that are followed: names, profiles, states. */
import type { Asker } from '../../platforms/make-call.ts';
import type { FollowedAccountKey } from '../../store/accounts/change-followed.ts';
import { type AccountSight, noteSights, type SightNews } from '../../store/accounts/note-sights.ts';
import type { Database } from '../../store/db.ts';
import { type AccountQuestions, lookUp, sightOfMissing } from './look-up.ts';

const BATCH = 100;

/** `unsaid`: uids of which the platform said nothing that tells a state; they stay as they were and are looked at again. */
export type CheckedBatch = { page: number; pages: number; news: SightNews[]; unsaid: string[] };

/**
 * Looks at the accounts by uid, 100 a call, and notes what is new. Yields after each batch. Throws what `lookUp` throws: what was noted before
 * stays noted.
 */
export async function* checkAccounts(
  { db, asker, questions, signal }: { db: Database; asker: Asker; questions: AccountQuestions; signal: AbortSignal },
  accounts: readonly FollowedAccountKey[],
): AsyncGenerator<CheckedBatch> {
  const pages = Math.ceil(accounts.length / BATCH);
  for (let page = 1; page <= pages; page++) {
    const ids = accounts.slice((page - 1) * BATCH, page * BATCH).map(({ accountId }) => accountId);
    const looks = await lookUp(asker, questions, { ids }, signal);
    const sights: AccountSight[] = [];
    const unsaid: string[] = [];
    for (const id of ids) {
      const look = looks.get(id);
      const sight =
        look === undefined || !('missing' in look) ? look : sightOfMissing(id, look.missing, asker.clock.now());
      if (sight === undefined) unsaid.push(id);
      else sights.push(sight);
    }
    yield { page, pages, news: await db.transaction((tx) => noteSights(tx, sights)), unsaid };
  }
}
