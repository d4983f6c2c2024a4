/** What an export is asked for: the selection, its form, and the checks that need no database. */
import { z } from 'zod';
import { instantText } from '../core/instant-text.ts';
import { MistnetError } from '../core/errors.ts';
import { postKinds } from '../core/post.ts';
import { parseBound } from './parse-bound.ts';

export const FORMATS = ['csv', 'tsv', 'xlsx', 'jsonl', 'parquet', 'ids'] as const;
export type ExportFormat = (typeof FORMATS)[number];
export const PRESETS = ['full', 'sfm', 'sample'] as const;
export type PresetName = (typeof PRESETS)[number];

/** Rows of a worksheet, its header left out. */
export const MAX_SHEET_ROWS = 1_048_575;

const degrees = (most: number) => z.number().min(-most).max(most);
const mark = z.string().trim().min(1).max(100).optional();

/** What the text index is asked: posts for which all that is given holds. `text` as a person writes it; `km` at most half the way around the earth. */
export const exportSearchSchema = z
  .strictObject({
    text: z.string().trim().min(1).max(1000).optional(),
    author: mark,
    hashtag: mark,
    lang: mark,
    kind: z.enum(postKinds).optional(),
    has: z
      .array(z.enum(['media', 'links', 'geo']))
      .min(1)
      .optional(),
    near: z
      .strictObject({ latitude: degrees(90), longitude: degrees(180), km: z.number().positive().max(20_100) })
      .optional(),
  })
  .refine((search) => Object.values(search).some((each) => each !== undefined), 'says nothing to search for');
export type ExportSearch = z.infer<typeof exportSearchSchema>;

/** A name of an export and of its folder. */
export const EXPORT_NAME = /^[a-z0-9][a-z0-9_.-]{0,99}$/;

/**
 * `from`: what is exported; `handle` of an account as it was when asked; `seeds`: of all that the collection follows, these alone. `honourDeletions`: posts
 * that may not be shared any more are left out, and places that were taken back. Instants in UTC, `…From` inclusive, `…To` exclusive. `split`: rows of a
 * file at most.
 */
export const exportRequestSchema = z.strictObject({
  from: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('all') }),
    z.strictObject({
      kind: z.literal('collection'),
      name: z.string(),
      seeds: z
        .array(z.strictObject({ platform: z.string(), accountId: z.string(), handle: z.string().nullable() }))
        .optional(),
    }),
    z.strictObject({
      kind: z.literal('account'),
      platform: z.string(),
      accountId: z.string(),
      handle: z.string().nullable(),
    }),
    z.strictObject({ kind: z.literal('set'), name: z.string() }),
  ]),
  format: z.enum(FORMATS),
  preset: z.enum(PRESETS),
  postedFrom: instantText.optional(),
  postedTo: instantText.optional(),
  capturedFrom: instantText.optional(),
  capturedTo: instantText.optional(),
  search: exportSearchSchema.optional(),
  observations: z.enum(['newest', 'all']),
  split: z.number().int().positive().optional(),
  excelSafe: z.boolean(),
  honourDeletions: z.boolean().default(true),
});
export type ExportRequest = z.infer<typeof exportRequestSchema>;

/** What a person writes, before it is checked. Bounds as ISO instants or days. */
export type ExportWish = {
  from: ExportRequest['from'];
  format: string;
  preset?: string | undefined;
  postedFrom?: string | undefined;
  postedTo?: string | undefined;
  capturedFrom?: string | undefined;
  capturedTo?: string | undefined;
  search?: ExportSearch | undefined;
  observations?: string | undefined;
  split?: string | number | undefined;
  excelSafe?: boolean | undefined;
  honourDeletions?: boolean | undefined;
};

/** Checks a wish. `zone`: in which a day without a time begins. Throws `export.refused` or `zone.invalid` with a sentence that says what to write. */
export function toExportRequest(wish: ExportWish, zone: string): ExportRequest {
  const format = oneOf('--format', wish.format, FORMATS);
  const preset = oneOf('--preset', wish.preset ?? 'full', PRESETS);
  const observations = oneOf('--observations', wish.observations ?? 'newest', ['newest', 'all'] as const);
  const excelSafe = wish.excelSafe ?? false;
  if ((format === 'jsonl' || format === 'ids') && wish.preset !== undefined)
    refuse(`--preset chooses columns; ${format} has none. Leave it out.`);
  if (excelSafe && format !== 'csv' && format !== 'tsv')
    refuse(
      `--excel-safe goes with csv and tsv; ${format === 'xlsx' ? 'xlsx keeps ids and formulas as text anyway' : `${format} is not read by Excel`}.`,
    );
  const split = wish.split === undefined ? undefined : toSplit(wish.split, format);
  const bounds = {
    postedFrom: parseBound('The beginning of the time of posting (--posted-from)', wish.postedFrom, {
      zone,
      isEnd: false,
    }),
    postedTo: parseBound('The end of the time of posting (--posted-to)', wish.postedTo, { zone, isEnd: true }),
    capturedFrom: parseBound('The beginning of the time of capture (--captured-from)', wish.capturedFrom, {
      zone,
      isEnd: false,
    }),
    capturedTo: parseBound('The end of the time of capture (--captured-to)', wish.capturedTo, { zone, isEnd: true }),
  };
  refuseEmptyWindow('posted', bounds.postedFrom, bounds.postedTo);
  refuseEmptyWindow('captured', bounds.capturedFrom, bounds.capturedTo);
  return exportRequestSchema.parse({
    from: wish.from,
    format,
    preset,
    ...Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined)),
    ...(wish.search === undefined ? {} : { search: toSearch(wish.search) }),
    observations,
    ...(split === undefined ? {} : { split }),
    excelSafe,
    honourDeletions: wish.honourDeletions ?? true,
  });
}

function toSearch(search: ExportSearch): ExportSearch {
  const read = exportSearchSchema.safeParse(search);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return refuse(`The search cannot be used: ${[...(issue?.path ?? []), issue?.message].join(' ')}.`);
}

function toSplit(value: string | number, format: ExportFormat): number {
  const rows = /^[0-9]{1,12}$/.test(String(value)) ? Number(value) : 0;
  if (rows < 1) refuse(`--split is "${value}"; write how many rows a file may have, like 100000.`);
  if (format === 'xlsx' && rows > MAX_SHEET_ROWS)
    refuse(`--split is ${rows}, but a worksheet holds ${MAX_SHEET_ROWS} rows beside its header. Write that or less.`);
  return rows;
}

function refuseEmptyWindow(what: string, from: string | undefined, to: string | undefined): void {
  if (from !== undefined && to !== undefined && from >= to)
    refuse(`--${what}-to (${to}) must be later than --${what}-from (${from}).`);
}

function oneOf<const Value extends string>(option: string, value: string, values: readonly Value[]): Value {
  const found = values.find((each) => each === value);
  if (found === undefined) refuse(`${option} is "${value}"; it must be one of ${values.join(', ')}.`);
  return found;
}

function refuse(sentence: string): never {
  throw new MistnetError('export.refused', sentence);
}
