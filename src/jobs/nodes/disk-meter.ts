/** How full the disk is, what the data folder uses of it, and at which pace it grows. */
import { opendir, statfs, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/time.ts';

/** The filesystem that holds the data folder, and what that uses of it, in bytes; pace and forecast null until they are known. */
export type DiskUsage = {
  folder: string;
  totalBytes: number;
  freeBytes: number;
  segmentsBytes: number;
  datasetsBytes: number;
  databaseBytes: number;
  otherBytes: number;
  bytesPerDay: number | null;
  fullInDays: number | null;
  paceSeconds: number;
  measuredAt: string;
};

/** Sizes below the data folder are added up at most this often, and never for more than a twentieth of the time. */
const WALK_EVERY_MS = 5_000;
const WALK_SHARE = 20;
/** The pace is the growth between now and up to an hour ago; before five minutes it says little. */
const PACE_WINDOW_MS = 3_600_000;
const PACE_SHORTEST_MS = 300_000;
const DAY_MS = 86_400_000;

type Sizes = { segments: number; datasets: number; database: number; other: number };
type Walk = { at: number; tookMs: number; sizes: Sizes };

/** Measures `home`'s filesystem (free space each time, folder sizes seldom). The folder may not exist yet. */
export function createDiskMeter({ home, clock }: { home: string; clock: Clock }): () => Promise<DiskUsage> {
  let walking: Promise<Walk> | undefined;
  let last: Walk | undefined;
  const history: { at: number; bytes: number }[] = [];

  async function walk(): Promise<Walk> {
    const at = clock.now();
    const [segments, datasets, database, all] = await Promise.all([
      folderBytes(join(home, 'segments')),
      folderBytes(join(home, 'datasets')),
      folderBytes(join(home, 'postgres')),
      folderBytes(home, ['segments', 'datasets', 'postgres']),
    ]);
    const sizes = { segments, datasets, database, other: all };
    history.push({ at, bytes: segments + datasets + database + all });
    while (history[0] !== undefined && at - history[0].at > PACE_WINDOW_MS) history.shift();
    return { at, tookMs: clock.now() - at, sizes };
  }

  function recentWalk(): Promise<Walk> {
    const due = last === undefined || clock.now() - last.at >= Math.max(WALK_EVERY_MS, last.tookMs * WALK_SHARE);
    if (due && walking === undefined) {
      walking = walk();
      const finish = () => {
        walking = undefined;
      };
      walking.then((done) => {
        last = done;
        finish();
      }, finish); // whoever awaits this walk hears of its failure; the next call walks again
    }
    // A long walk keeps nobody waiting once there are older figures.
    return last === undefined && walking !== undefined ? walking : Promise.resolve(last as Walk);
  }

  return async () => {
    const { sizes, at } = await recentWalk();
    const filesystem = await statfs(home);
    const freeBytes = filesystem.bavail * filesystem.bsize;
    const pace = paceOf(history);
    return {
      folder: home,
      totalBytes: filesystem.blocks * filesystem.bsize,
      freeBytes,
      segmentsBytes: sizes.segments,
      datasetsBytes: sizes.datasets,
      databaseBytes: sizes.database,
      otherBytes: sizes.other,
      bytesPerDay: pace?.bytesPerDay ?? null,
      fullInDays: pace !== undefined && pace.bytesPerDay > 0 ? freeBytes / pace.bytesPerDay : null,
      paceSeconds: Math.round((pace?.overMs ?? 0) / 1000),
      measuredAt: new Date(at).toISOString(),
    };
  };
}

/** Growth from the oldest to the newest observation; undefined while they are too close. Shrinking counts as no growth. */
export function paceOf(
  history: readonly { at: number; bytes: number }[],
): { bytesPerDay: number; overMs: number } | undefined {
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < PACE_SHORTEST_MS) return undefined;
  const overMs = last.at - first.at;
  return { bytesPerDay: (Math.max(0, last.bytes - first.bytes) / overMs) * DAY_MS, overMs };
}

/** Bytes that the files below a folder occupy on the disk; 0 when it is missing. Files that vanish meanwhile don't count. */
async function folderBytes(folder: string, without: readonly string[] = []): Promise<number> {
  let bytes = 0;
  const rest = [folder];
  for (let path = rest.pop(); path !== undefined; path = rest.pop()) {
    try {
      for await (const entry of await opendir(path)) {
        if (path === folder && without.includes(entry.name)) continue;
        if (entry.isDirectory()) rest.push(join(path, entry.name));
        else if (entry.isFile()) bytes += await fileBytes(join(path, entry.name));
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return bytes;
}

async function fileBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).blocks * 512;
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // A folder that others may not read (PostgreSQL's, under another user) is counted as nothing rather than failing.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES';
}
