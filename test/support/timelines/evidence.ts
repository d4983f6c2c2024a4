/** What timelines left on the disk and in the database, and what they should have. */
import { join } from 'node:path';
import { expect } from 'vitest';
import type { PermitSource } from '../../../src/platforms/permit-source.ts';
import { keptSegments } from '../system/kept-frames.ts';
import type { Office } from './office.ts';

export const START = '2026-03-02T00:00:00Z';

// Accounts of the world with seed 5: of some 2,000, 1,300 and 15,000 posts.
export const LONG = { id: '853830929611874748' };
export const MIDDLE = { id: '3184979746' };
export const ENDLESS = { id: '902262175362470380' };

type Marker = { mistnet?: { timeline: string; url: string } };

/** What lies on the disk of a node: posts by id, in order, and the addresses of the pages. */
export async function kept(office: Office, collection: string, node = 'n1') {
  const frames = (await keptSegments(join(office.bench.folder, node), collection)).flatMap((segment) => segment.frames);
  const pages = frames.flatMap(({ payload }) => (JSON.parse(payload.toString()) as Marker).mistnet?.url ?? []);
  return { ids: frames.flatMap(({ id }) => id ?? []), pages };
}

export function expectOnce(values: string[], what: string): void {
  expect(new Set(values).size, what).toBe(values.length);
}

/** All that the account had written when its reading began; what was deleted meanwhile may be there or not. */
export async function expectWhole(office: Office, account: { id: string }, ids: string[]): Promise<void> {
  const has = new Set(ids);
  const newest = ids.reduce((a, b) => (BigInt(a) > BigInt(b) ? a : b), '0');
  const missing = (await office.truth(account.id)).filter((id) => BigInt(id) <= BigInt(newest) && !has.has(id));
  expect(ids.length).toBeGreaterThan(0);
  expect(missing, 'posts that are missing').toEqual([]);
}

/** Leave to call that is held back from the nth call on, until it is let go. */
export function held(inner: PermitSource, from: number, letGo: Promise<void>): PermitSource & { asked: number } {
  const source = {
    asked: 0,
    acquire: async (wish: Parameters<PermitSource['acquire']>[0], signal: AbortSignal) => {
      if (++source.asked >= from) await letGo;
      return await inner.acquire(wish, signal);
    },
  };
  return source;
}

export async function gapsOf({ db }: Office) {
  return await db.query<{ cause: string; evidence: string; uncovered_ms: string; plan: string }>(
    'select plan, cause, evidence, uncovered_ms from gaps order by evidence',
  );
}
