/** How far a command came, in a small file that is replaced as a whole: what was written, and where to go on. */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { causeText, MistnetError } from '../core/errors.ts';
import type { Position } from '../platforms/read-adapter.ts';

const position = z.strictObject({
  token: z.string().optional(),
  oldestId: z.string().optional(),
  newestId: z.string().optional(),
  skipTo: z.string().optional(),
});

const resumeState = z.strictObject({
  resume: z.literal(1),
  /** The command and all that decides what it prints, so that a file is never used for another question. */
  question: z.record(z.string(), z.unknown()),
  /** The account's id that a name stood for when it began: names change hands. */
  subject: z.string().optional(),
  /** Lists: where the next page is. */
  position: position.optional(),
  /** Look-ups: how many lines of the input were answered, and the digest of these lines. */
  input: z.strictObject({ lines: z.int(), sha256: z.string() }).optional(),
  /** Sizes of the outputs in bytes; null for those that are no files. */
  outputs: z.record(z.string(), z.int().nullable()),
  items: z.int(),
  pages: z.int(),
  /** Look-ups: how many of each outcome. */
  outcomes: z.record(z.string(), z.int()).optional(),
  done: z.boolean(),
});

export type ResumeState = z.infer<typeof resumeState> & { position?: Position | undefined };

/** The state that a file holds; undefined when there is no such file. Throws `usage.invalid` when it belongs to another question or is no such file. */
export async function readResumeFile(
  path: string,
  question: Record<string, unknown>,
  outputs: string[],
): Promise<ResumeState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new MistnetError('folder.unreadable', `${path} cannot be read: ${causeText(error)}.`, { cause: error });
  }
  const state = parseState(text);
  if (state === undefined)
    throw new MistnetError('usage.invalid', `${path} is no resume file of mistnet; name another one.`);
  const [had, has] = [JSON.stringify(state.question), JSON.stringify(question)];
  if (had !== has)
    throw new MistnetError('usage.invalid', `${path} belongs to another question: ${had} instead of ${has}.`);
  const [before, now] = [Object.keys(state.outputs).join(', '), outputs.join(', ')];
  if (before !== now)
    throw new MistnetError('usage.invalid', `${path} belongs to the output ${before}, not to ${now}.`);
  return state;
}

/** Replaces the file: after a crash it holds this state or the one before, never a mixture. Throws `file.unwritable`. */
export async function writeResumeFile(path: string, state: ResumeState): Promise<void> {
  const whole = resolve(path);
  const fresh = `${whole}.new`;
  try {
    const file = await open(fresh, 'w');
    try {
      await file.writeFile(`${JSON.stringify(state)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, whole);
    const folder = await open(dirname(whole), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw new MistnetError('file.unwritable', `${path} cannot be written: ${causeText(error)}.`, { cause: error });
  }
}

function parseState(text: string): ResumeState | undefined {
  try {
    return resumeState.parse(JSON.parse(text)) as ResumeState;
  } catch {
    return undefined; // the caller says that it is no such file
  }
}
