import { join } from 'node:path';
import type { ImportTarget } from './import-files.ts';
import { readLedger } from './import-ledger.ts';
import { type ImportPlace, openImportPages } from './open-import-pages.ts';

/**
 * Holds the segments of a collection on this node and knows what it was given before. Its segments lie at the instants of the posts that are
 * brought in, as `onInstant` tells them. Dispose of it.
 */
export async function openTarget(
  place: Omit<ImportPlace, 'api' | 'segmentClock'>,
): Promise<ImportTarget & AsyncDisposable> {
  let atMs = place.clock.now();
  const pages = await openImportPages({ ...place, api: 'v2', segmentClock: { now: () => atMs } });
  const planFolder = join(place.segmentsFolder, place.collection);
  try {
    return {
      ...{ pages, planFolder, node: place.node, ...(await readLedger(planFolder, place.node)) },
      onInstant: (ms) => {
        atMs = ms;
      },
      [Symbol.asyncDispose]: async () => await pages[Symbol.asyncDispose](),
    };
  } catch (error) {
    await pages[Symbol.asyncDispose]();
    throw error;
  }
}
