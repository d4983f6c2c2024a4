import type { Database } from '../../src/store/db.ts';
import { type Indexed, indexNext } from '../../src/store/search/index-backlog.ts';

/** Indexes all that waits for it, and says how much that was. */
export async function indexAll(db: Database): Promise<Indexed> {
  const total: Indexed = { observations: 0, posts: 0 };
  const known = new Set<string>();
  for (;;) {
    const indexed = await indexNext(db, known);
    if (indexed === undefined) return total;
    total.observations += indexed.observations;
    total.posts += indexed.posts;
  }
}
