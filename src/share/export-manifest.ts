/** What stands in an export's folder beside its files and alone says that it is whole. */
import { z } from 'zod';
import { exportRequestSchema } from './export-request.ts';

const count = z.number().int().nonnegative();
const instant = z.iso.datetime();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const span = z.strictObject({ first: instant, last: instant });

const cut = z.strictObject({ row: count, id: z.string(), column: z.string(), at: count, length: count });
export const statsSchema = z.strictObject({
  posted: span.optional(),
  captured: span.optional(),
  counted: span.optional(),
  collectionIds: z.array(z.number().int()),
  altered: count,
  cuts: count,
  firstCuts: z.array(cut),
  /** Rows whose payload was written without places or posts that were taken back. */
  redacted: count.default(0),
});
/** What was met while rows were written; spans are of the rows. `firstCuts`: at most a thousand of the cells that were too long. */
export type ExportStats = z.infer<typeof statsSchema>;

export const partSchema = z.strictObject({ file: z.string(), rows: count, bytes: count, sha256: digest });

/**
 * `asOf`: the instant of the snapshot. `rows` were written, `counted` by an independent count in the same snapshot; they are equal. `files`: all
 * others of the folder, data first.
 */
export const exportManifestSchema = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  version: z.string(),
  request: exportRequestSchema,
  asOf: instant,
  rows: count,
  counted: count,
  columns: z.array(z.string()),
  stats: statsSchema.extend({ collections: z.array(z.string()) }).omit({ collectionIds: true }),
  /** Posts that may not be shared any more, by why: left out where deletions are honoured, else among the rows. Absent in exports of older versions. */
  withdrawn: z
    .strictObject({
      honoured: z.boolean(),
      posts: count,
      reasons: z.array(z.strictObject({ reason: z.string(), posts: count })),
    })
    .optional(),
  gaps: z.strictObject({ count, uncoveredMs: count }),
  files: z.array(z.strictObject({ file: z.string(), rows: count.optional(), bytes: count, sha256: digest })),
});
export type ExportManifest = z.infer<typeof exportManifestSchema>;

export const MANIFEST_NAME = 'manifest.json';
