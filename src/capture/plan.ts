import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from './durable-file.ts';

/**
 * What one stream connection captures. It lies beside its segments as `plan.json`, so that capture can restart without a
 * database. `wanted` is the person's wish; `revision` grows with each change. `credential`: the label of the one that it is to be asked with; any that
 * will do when absent. It never holds a secret.
 */
export const planSchema = z.object({
  format: z.literal(1),
  plan: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/),
  kind: z.enum(['sample', 'filter', 'timeline', 'import']),
  platform: z.literal('x'),
  api: z.enum(['v2', 'v1.1']),
  backfillMinutes: z.number().int().min(0).max(5),
  credential: z.string().min(1).max(63).optional(),
  // what v1.1's one filter is asked for; v2's rules are at the platform
  filter: z
    .object({
      track: z.array(z.string()),
      follow: z.array(z.string()),
      locations: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
      languages: z.array(z.string()),
    })
    .optional(),
  wanted: z.enum(['active', 'stopped']),
  revision: z.number().int().nonnegative(),
});

export type CapturePlan = z.infer<typeof planSchema>;

/** Whether the plan is a stream's, which capture holds open; the others are collected by asking, which workers do, or brought in from files. */
export function isStreamPlan({ kind }: Pick<CapturePlan, 'kind'>): boolean {
  return kind === 'sample' || kind === 'filter';
}

/** Reads `plan.json` of a plan's folder; undefined when there is none. Throws when it is damaged. */
export async function readPlan(planFolder: string): Promise<CapturePlan | undefined> {
  try {
    return planSchema.parse(JSON.parse(await readFile(join(planFolder, 'plan.json'), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Saves a plan, durably; makes its folder. */
export async function savePlan(planFolder: string, plan: CapturePlan): Promise<void> {
  await mkdir(planFolder, { recursive: true });
  await writeDurably(join(planFolder, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
}

/** Where a node notes how far files are imported; it changes with each batch. */
export function importLedgerPath(planFolder: string, node: string): string {
  return join(planFolder, `imports-${node}.json`);
}
