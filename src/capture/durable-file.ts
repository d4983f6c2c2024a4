/** Files that must be whole or absent after a power cut. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crashPoint } from '../core/crash-point.ts';

/** Makes creations, renames and removals in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** Makes a folder and those above it that are missing, durably. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true }).catch(async (error: unknown) => {
    throw await whyNoFolder(folder, error);
  });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Node says ENOENT where several folders are to be made on a read-only disk: asked for one alone, it says why not. */
async function whyNoFolder(folder: string, error: unknown): Promise<unknown> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  for (let missing = folder; missing !== dirname(missing); missing = dirname(missing)) {
    const plain = await mkdir(missing).then(
      () => error,
      (failure: NodeJS.ErrnoException) => failure,
    );
    if ((plain as NodeJS.ErrnoException).code !== 'ENOENT') return plain;
  }
  return error;
}

/** Replaces a file by `text` so that at any instant either the old or the new content is there, and the new one is on the disk on return. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await using handle = await open(temporary, 'w', 0o644);
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // crash point file.written: recovery must go by the old content; the temporary file means nothing.
  crashPoint('file.written');
  await rename(temporary, path);
  await syncFolder(dirname(path));
  // crash point file.replaced: recovery must go by the new content.
  crashPoint('file.replaced');
}

const DISK_CODES = new Set([
  'ENOSPC',
  'EDQUOT',
  'Unknown system error -122', // what Node calls EDQUOT on Linux
  'EFBIG',
  'EIO',
  'EROFS',
  'EMFILE',
  'ENFILE',
  'EBUSY',
  'ESTALE',
  'ETIMEDOUT',
]);

/** Whether an error says that a disk refuses now and may not refuse later: full, gone, read-only. */
export function isDiskTrouble(error: unknown): boolean {
  return DISK_CODES.has((error as NodeJS.ErrnoException).code ?? '');
}
