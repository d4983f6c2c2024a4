/** A folder that appears whole or not at all. */
import { readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { open } from 'node:fs/promises';
import { makeFolder, syncFolder } from '../capture/durable-file.ts';
import { asUnwritable } from './formats/text-part.ts';

/** Makes durable what is in `staging`, then gives it its name, in one step. `folder` must not exist or be empty; both lie beside each other. */
export async function publishFolder(staging: string, folder: string): Promise<void> {
  try {
    for (const name of await readdir(staging)) {
      await using file = await open(join(staging, name), 'r');
      await file.sync();
    }
    await syncFolder(staging);
    await makeFolder(dirname(folder));
    await rename(staging, folder);
    await syncFolder(dirname(folder));
  } catch (error) {
    throw asUnwritable(folder, error);
  }
}
