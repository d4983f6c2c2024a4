/** Whether a file of an export may be downloaded: its manifest alone says what is published. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { exportManifestSchema, MANIFEST_NAME } from '../share/export-manifest.ts';

/** True when the folder has a manifest that names the file, or the file is the manifest. */
export async function exportedFile(folder: string, file: string): Promise<boolean> {
  try {
    const { files } = exportManifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST_NAME), 'utf8')));
    return file === MANIFEST_NAME || files.some((each) => each.file === file);
  } catch (error) {
    // Not there, on another machine, or not to be understood: nothing is published here.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return false;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
