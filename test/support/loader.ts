/** Running the loader in tests, and comparing what it did with the frames on the disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listHourFolders, listHourSegments, OPEN_SUFFIX, sealedPlace } from '../../src/capture/segment/layout.ts';
import { readFrames } from '../../src/capture/segment/read-frames.ts';
import { systemClock } from '../../src/core/time.ts';
import { decodeLine } from '../../src/platforms/x/decode.ts';
import type { Queryable } from '../../src/store/db.ts';
import { type FollowOptions, followSegments } from '../../src/store/load/follow-segments.ts';
import type { StoreLog } from '../../src/store/store-log.ts';

/** A log that remembers its events. */
export function memoryLog(): StoreLog & { events: { level: string; event: string; fields: object }[] } {
  const events: { level: string; event: string; fields: object }[] = [];
  const keep = (level: string) => (fields: object, event: string) => {
    events.push({ level, event, fields });
  };
  return { events, info: keep('info'), warn: keep('warn'), error: keep('error') };
}

export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'mistnet-test-'));
  return { path, [Symbol.asyncDispose]: async () => rm(path, { recursive: true, force: true }) };
}

/** Loads all that lies there and returns. */
export async function loadAll(
  options: Pick<FollowOptions, 'db' | 'segmentsFolder'> & Partial<FollowOptions>,
): Promise<void> {
  const signal = new AbortController().signal;
  await followSegments({ node: 'n1', clock: systemClock, signal, log: memoryLog(), stopWhenSettled: true, ...options });
}

/** Resolves when the condition holds; throws what it last said when it does not within the time. */
export async function eventually<T>(condition: () => Promise<T>, withinMs = 30_000): Promise<T> {
  for (const end = performance.now() + withinMs; ; ) {
    try {
      return await condition();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export type Truth = { posts: number; malformed: number; control: number; ids: string[]; distinctIds: string[] };

/** What the frames of a plan hold, by reading them once more. */
export async function truthOfPlan(segmentsFolder: string, plan: string): Promise<Truth> {
  const truth = { posts: 0, malformed: 0, control: 0, ids: [] as string[] };
  for (const folder of await listHourFolders(join(segmentsFolder, plan))) {
    for (const files of await listHourSegments(plan, folder)) {
      const { path, within } = files.sealed ? sealedPlace(files) : { path: `${files.stem}${OPEN_SUFFIX}` };
      for await (const frames of readFrames(path, 0, within)) {
        for (const frame of frames) {
          const decoded = decodeLine(frame.payload.toString('utf8'));
          if (decoded.kind === 'malformed') truth.malformed++;
          else if (decoded.kind === 'control') truth.control++;
          else {
            truth.posts++;
            truth.ids.push(decoded.post.postId);
          }
        }
      }
    }
  }
  return { ...truth, ids: truth.ids.sort(), distinctIds: [...new Set(truth.ids)].sort() };
}

/** What the database holds, in the form of the truth. */
export async function loadedOfCollection(db: Queryable, collection: string) {
  const observed = await db.query<{ post_id: string }>(
    'select post_id from observations join collections using (collection_id) where name = $1 order by post_id',
    [collection],
  );
  const posts = await db.query<{ post_id: string }>('select post_id from posts order by post_id');
  const [totals] = await db.query<{ loaded: string; quarantined: string; control: string }>(
    `select coalesce(sum(t.loaded), 0)::bigint as loaded, coalesce(sum(t.quarantined), 0)::bigint as quarantined,
        coalesce(sum(t.control), 0)::bigint as control
      from load_totals t join plans using (plan) join collections using (collection_id) where name = $1`,
    [collection],
  );
  const [ledger] = await db.query<{ loaded: string; quarantined: string; control: string }>(
    `select coalesce(sum(s.loaded), 0)::bigint as loaded, coalesce(sum(s.quarantined), 0)::bigint as quarantined,
        coalesce(sum(s.control), 0)::bigint as control
      from segments s join plans using (plan) join collections using (collection_id) where name = $1`,
    [collection],
  );
  return {
    ids: observed.map(({ post_id }) => post_id),
    distinctIds: posts.map(({ post_id }) => post_id),
    totals,
    ledger,
  };
}
