import { z } from 'zod';
import type { TimelineSchedule } from './schedule.ts';

const schema = z.union([
  z.object({ kind: z.literal('adaptive') }),
  z.object({ kind: z.literal('every'), ms: z.number().int().min(60_000) }),
  z.object({ kind: z.literal('cron'), expression: z.string(), zone: z.string() }),
]);

/** The schedule of a plan's body; adaptive where it says none. Throws for one that a later version wrote. */
export function readSchedule(value: unknown): TimelineSchedule {
  return value === undefined ? { kind: 'adaptive' } : schema.parse(value);
}
