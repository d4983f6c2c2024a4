/**
 * What a shared stream's frames mean, beside its segments: `meaning-<node>.jsonl`. A line holds what changed and from which instant of this
 * node's clock on; what went before is never changed. Whoever loads the segments, now or in ten years on another database, finds there
 * which rule stood for which collection's words when a frame came.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { StreamMeaning } from '../../core/rules/meaning.ts';

const sourceSchema = z.object({
  kind: z.enum(['word', 'person', 'location', 'place', 'country', 'rule']),
  text: z.string(),
});
const collectionSchema = z.object({
  name: z.string(),
  version: z.number().int(),
  clauses: z.array(z.object({ key: z.string(), sources: z.array(sourceSchema) })),
});
const ruleSchema = z.object({ names: z.array(z.string()), clauses: z.array(z.string()) });

/**
 * `ended`: collections that are not active any more; `rules` are added to those known, or replace the one with the same first name.
 * `whole`: all that is in force is said again, so that nothing before it needs to be read.
 */
const lineSchema = z.object({
  format: z.literal(1),
  at: z.string(),
  revision: z.number().int(),
  api: z.enum(['v2', 'v1.1']),
  whole: z.literal(true).optional(),
  collections: z.array(collectionSchema),
  ended: z.array(z.string()),
  rules: z.array(ruleSchema),
});

export type MeaningLine = z.infer<typeof lineSchema>;

export function meaningPath(planFolder: string, node: string): string {
  return join(planFolder, `meaning-${node}.jsonl`);
}

/** Undefined for what a kill left of a line: it was not in force yet, and was noted anew behind it. */
export function parseMeaningLine(text: string): MeaningLine | undefined {
  if (text === '') return undefined;
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The line that brings whoever knows `before` to `now`; undefined when nothing changed. */
export function changedSince(
  before: StreamMeaning | undefined,
  now: StreamMeaning,
  atMs: number,
): MeaningLine | undefined {
  const had = new Map(before?.collections.map((each) => [each.name, saidOfCollection(each)]));
  const rulesHad = new Map(before?.rules.map((rule) => [rule.names[0], saidOfRule(rule)]));
  const collections = now.collections.filter((each) => had.get(each.name) !== saidOfCollection(each));
  const names = new Set(now.collections.map(({ name }) => name));
  const ended = [...had.keys()].filter((name) => !names.has(name));
  const rules = now.rules.filter((rule) => rulesHad.get(rule.names[0]) !== saidOfRule(rule));
  const isSame = collections.length === 0 && ended.length === 0 && rules.length === 0;
  if (isSame && before?.api === now.api && before.revision === now.revision) return undefined;
  const { revision, api } = now;
  return { format: 1, at: new Date(atMs).toISOString(), revision, api, collections, ended, rules };
}

/** The same for the same, whichever order its keys came in. */
function saidOfCollection({ name, version, clauses }: StreamMeaning['collections'][number]): string {
  return JSON.stringify([
    name,
    version,
    clauses.map(({ key, sources }) => [key, ...sources.map(({ kind, text }) => [kind, text])]),
  ]);
}

function saidOfRule({ names, clauses }: StreamMeaning['rules'][number]): string {
  return JSON.stringify([names, clauses]);
}

/** All that is in force, as one line. */
export function wholeLine(now: StreamMeaning, atMs: number): MeaningLine {
  const { revision, api, collections, rules } = now;
  return { format: 1, at: new Date(atMs).toISOString(), revision, api, whole: true, collections, ended: [], rules };
}

/** Rules stay known until a whole line leaves them out: frames that were on their way when one was deleted still name it. */
export function applied(before: StreamMeaning | undefined, line: MeaningLine): StreamMeaning {
  const { revision, api } = line;
  const known = line.whole === true ? undefined : before;
  const gone = new Set([...line.ended, ...line.collections.map(({ name }) => name)]);
  const replaced = new Set(line.rules.map(({ names }) => names[0]));
  return {
    revision,
    api,
    collections: [...(known?.collections ?? []).filter(({ name }) => !gone.has(name)), ...line.collections].sort(
      (a, b) => (a.name < b.name ? -1 : 1),
    ),
    rules: [...(known?.rules ?? []).filter(({ names }) => !replaced.has(names[0])), ...line.rules],
  };
}
