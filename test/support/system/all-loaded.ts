/** Waits until each segment that lies on the disk is sealed and loaded: a status may be a second old, and knows of no segment that was just made. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Queryable } from '../../../src/store/db.ts';
import { keptSegments } from './kept-frames.ts';
import { until } from './until.ts';

/** For a home in which nothing is captured any more. */
export async function untilAllLoaded(db: Queryable, home: string): Promise<void> {
  await until('each segment to be sealed and loaded', async () => {
    const rows = await db.query<{ plan: string; segment: string }>(
      "select plan, segment from segments where state = 'loaded'",
    );
    const loaded = new Set(rows.map(({ plan, segment }) => `${plan} ${segment}`));
    const waiting: string[] = [];
    for (const plan of await readdir(join(home, 'segments')))
      for (const { segment, sealed } of await keptSegments(home, plan))
        if (!sealed || !loaded.has(`${plan} ${segment}`)) waiting.push(segment);
    if (loaded.size === 0 || waiting.length > 0) throw new Error(`waiting for ${waiting.join(', ')}`);
    return true;
  });
}
