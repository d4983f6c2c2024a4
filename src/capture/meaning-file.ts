/**
 * What a shared stream's frames mean, beside its segments: `meaning-<node>.jsonl`. A line holds what changed and from which instant of this
 * node's clock on; what went before is never changed. Whoever loads the segments, now or in ten years on another database, finds there
 * which rule stood for which collection's words when a frame came.
 */
import { fdatasyncSync, openSync, closeSync, writeSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../core/time.ts';
import type { StreamMeaning } from '../core/rules/meaning.ts';
import { syncFolder } from './durable-file.ts';

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

/** `ended`: collections that are not active any more; `rules` are added to those known, or replace the one with the same first name. */
const lineSchema = z.object({
  format: z.literal(1),
  at: z.string(),
  revision: z.number().int(),
  api: z.enum(['v2', 'v1.1']),
  collections: z.array(collectionSchema),
  ended: z.array(z.string()),
  rules: z.array(ruleSchema),
});

type MeaningLine = z.infer<typeof lineSchema>;

/** What was in force from `fromMs` on, until the next. */
export type MeantFrom = { fromMs: number; meaning: StreamMeaning };

/**
 * Notes a meaning from now on. It must be called by the process that appends the node's frames, between two of them: it blocks until the line is
 * on the disk, so that no frame of a later instant is there before it. Nothing is written where nothing changed.
 */
export async function noteMeaning(
  planFolder: string,
  node: string,
  meaning: StreamMeaning,
  clock: Clock,
): Promise<void> {
  const path = meaningPath(planFolder, node);
  await mkdir(planFolder, { recursive: true });
  const known = await readMeanings(planFolder, node);
  const last = known.at(-1);
  const text = await readFile(path, 'utf8').catch(() => ''); // none yet
  // From here to the end nothing else of this process runs.
  const line = changedSince(last?.meaning, meaning, Math.max(clock.now() + 1, (last?.fromMs ?? 0) + 1));
  if (line === undefined) return;
  // What a kill left of a line is ended by the newline in front of this one, and told apart by being no JSON.
  const torn = text !== '' && !text.endsWith('\n');
  const file = openSync(path, 'a', 0o644);
  try {
    writeSync(file, `${torn ? '\n' : ''}${JSON.stringify(line)}\n`);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
  if (known.length === 0) await syncFolder(planFolder);
}

/** All meanings that a node noted, oldest first; none when there is no file. A line that a kill cut is left out. */
export async function readMeanings(planFolder: string, node: string): Promise<MeantFrom[]> {
  let text: string;
  try {
    text = await readFile(meaningPath(planFolder, node), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const meanings: MeantFrom[] = [];
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const parsed = parseLine(line);
    if (parsed === undefined) continue;
    meanings.push({ fromMs: Date.parse(parsed.at), meaning: applied(meanings.at(-1)?.meaning, parsed) });
  }
  return meanings;
}

/** Tells cheaply whether there is news: the file's size, 0 when there is none. */
export async function meaningBytes(planFolder: string, node: string): Promise<number> {
  return (await stat(meaningPath(planFolder, node)).catch(() => undefined))?.size ?? 0; // not there yet
}

function meaningPath(planFolder: string, node: string): string {
  return join(planFolder, `meaning-${node}.jsonl`);
}

function parseLine(line: string): MeaningLine | undefined {
  if (line === '') return undefined;
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // cut by a kill: it was not in force yet, and was noted anew
    throw error;
  }
}

function changedSince(before: StreamMeaning | undefined, now: StreamMeaning, atMs: number): MeaningLine | undefined {
  const had = new Map(before?.collections.map((each) => [each.name, JSON.stringify(each)]));
  const rulesHad = new Map(before?.rules.map((rule) => [rule.names[0], JSON.stringify(rule)]));
  const collections = now.collections.filter((each) => had.get(each.name) !== JSON.stringify(each));
  const names = new Set(now.collections.map(({ name }) => name));
  const ended = [...had.keys()].filter((name) => !names.has(name));
  const rules = now.rules.filter((rule) => rulesHad.get(rule.names[0]) !== JSON.stringify(rule));
  const isSame = collections.length === 0 && ended.length === 0 && rules.length === 0;
  if (isSame && before?.api === now.api && before.revision === now.revision) return undefined;
  return {
    format: 1,
    at: new Date(atMs).toISOString(),
    revision: now.revision,
    api: now.api,
    collections,
    ended,
    rules,
  };
}

/** Rules stay known for ever: frames that were on their way when one was deleted still name it. */
function applied(before: StreamMeaning | undefined, line: MeaningLine): StreamMeaning {
  const gone = new Set([...line.ended, ...line.collections.map(({ name }) => name)]);
  const replaced = new Set(line.rules.map(({ names }) => names[0]));
  return {
    revision: line.revision,
    api: line.api,
    collections: [...(before?.collections ?? []).filter(({ name }) => !gone.has(name)), ...line.collections].sort(
      (a, b) => (a.name < b.name ? -1 : 1),
    ),
    rules: [...(before?.rules ?? []).filter(({ names }) => !replaced.has(names[0])), ...line.rules],
  };
}
