/**
 * Puts the flat files of Social Feed Manager's collectors into folders by hour: `<prefix>-2016-03-01T14-30-00Z.gz` goes to
 * `<prefix>/2016/03/01/14/` below the same folder, its name kept. Older names with colons are read, too. Nothing is ever overwritten.
 */
import type { Stats } from 'node:fs';
import { link, lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder, syncFolder } from '../capture/durable-file.ts';
import { causeText, MistnetError } from '../core/errors.ts';

/** `prefix`, then the instant at which the file was begun, in UTC. */
const COLLECTED = /^(twitterfilter-\d+|streamsample|sample)-(\d{4})-(\d\d)-(\d\d)T(\d\d)([-:])(\d\d)\6(\d\d)Z\.gz$/;
/** File systems without second names for a file say one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** What became of one file; `to` is its path below the folder. */
export type Organized = { file: string; to: string } & (
  | { outcome: 'moved' | 'would-move' }
  | { outcome: 'unable'; reason: string }
);

export type OrganizeOptions = {
  folder: string;
  /** Files changed after this instant (Unix ms) may still be written to, and stay. */
  untilMs: number;
  dryRun: boolean;
  signal: AbortSignal;
  onFile: (file: Organized) => void;
};

/** How many files stayed: `young` ones, and `others` whose names are not a collector's. */
export type OrganizeSummary = { moved: number; unable: number; young: number; others: number };

/** Looks at the files that lie directly in `folder`, in the order of their names, until the signal aborts. Throws `folder.unreadable`. */
export async function organize({ folder, untilMs, dryRun, signal, onFile }: OrganizeOptions): Promise<OrganizeSummary> {
  const summary: OrganizeSummary = { moved: 0, unable: 0, young: 0, others: 0 };
  for (const file of await filesIn(folder)) {
    if (signal.aborted) break;
    const to = placeOf(file);
    if (to === undefined) {
      summary.others++;
      continue;
    }
    const outcome = await organizeOne(join(folder, file), join(folder, to), { untilMs, dryRun });
    if (outcome === 'young') {
      summary.young++;
      continue;
    }
    if (outcome === 'moved' || outcome === 'would-move') summary.moved++;
    else summary.unable++;
    onFile({
      file,
      to,
      ...(typeof outcome === 'string' ? { outcome } : { outcome: 'unable', reason: outcome.reason }),
    });
  }
  return summary;
}

/** Path below the folder for a collector's file; undefined for other names and for instants that no calendar has. */
export function placeOf(file: string): string | undefined {
  const [, prefix = '', year, month, day, hour, , minute, second] = COLLECTED.exec(file) ?? [];
  const instant = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const ms = Date.parse(instant);
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== instant) return undefined; // a 30th of February is taken for March
  return join(prefix, `${year}`, `${month}`, `${day}`, `${hour}`, file);
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .toSorted();
  } catch (error) {
    throw new MistnetError('folder.unreadable', `Cannot read the folder ${folder}: ${causeText(error)}.`, {
      cause: error,
    });
  }
}

type Outcome = 'moved' | 'would-move' | 'young' | { reason: string };

async function organizeOne(
  from: string,
  to: string,
  { untilMs, dryRun }: { untilMs: number; dryRun: boolean },
): Promise<Outcome> {
  try {
    const file = await lstat(from);
    if (file.mtimeMs > untilMs) return 'young';
    const there = await statsOf(to);
    if (there !== undefined && !(await isOfCutOffMove({ from, to }, there)))
      return { reason: `${to} is there already` };
    if (dryRun) return 'would-move';
    await makeFolder(dirname(to));
    await moveWithoutOverwriting(from, to);
    return 'moved';
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    return { reason: isThere ? `${to} is there already` : causeText(error) };
  }
}

/** Whether a move that was cut off left this at the new place: the second name of the file itself, or the claim that this move had laid on the place. */
async function isOfCutOffMove({ from, to }: Move, there: Stats): Promise<boolean> {
  const file = await lstat(from);
  return (there.ino === file.ino && there.dev === file.dev) || (await isClaim({ from, to }, there));
}

type Move = { from: string; to: string };

/** What a claim says: no file of a collector does, so that nobody else's is taken for one. */
function claimOf(from: string): Buffer {
  return Buffer.from(`mistnet organize: here comes ${basename(from)}\n`);
}

async function isClaim({ from, to }: Move, there: Stats): Promise<boolean> {
  const claim = claimOf(from);
  return there.isFile() && there.size === claim.length && claim.equals(await readFile(to));
}

/** A second name first, the old one away when the new one is durable: at any instant the file has a name, and no other file loses its own. */
async function moveWithoutOverwriting(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const there = code === 'EEXIST' ? await lstat(to) : undefined;
    if (NO_LINKS.has(code) || (there !== undefined && (await isClaim({ from, to }, there))))
      return renameOntoClaim({ from, to });
    if (there === undefined || !(await isOfCutOffMove({ from, to }, there))) throw error;
  }
  await syncFolder(dirname(to));
  await rm(from);
  await syncFolder(dirname(from));
}

/** A small file claims the place, which only one can make, and is then replaced in one step. One cut off before it says whose it is stays for a person. */
async function renameOntoClaim({ from, to }: Move): Promise<void> {
  const claimed = await statsOf(to);
  if (claimed === undefined) await writeFile(to, claimOf(from), { flag: 'wx' });
  else if (!(await isClaim({ from, to }, claimed)))
    throw Object.assign(new Error(`${to} is there already`), { code: 'EEXIST' });
  await rename(from, to);
  await syncFolder(dirname(to));
  await syncFolder(dirname(from));
}

/** Undefined when nothing is there. */
async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
