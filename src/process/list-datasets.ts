/** The hours that are published below a folder, read from their manifests: no database is asked. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { causeText, MistnetError } from '../core/errors.ts';
import { DATASET_MANIFEST_SUFFIX, type DatasetManifest, readDatasetManifest } from './dataset-manifest.ts';
import { REVISIONS } from './publish.ts';

export type ListedDataset = { manifestPath: string } & ({ manifest: DatasetManifest } | { unreadable: string });

/**
 * Every manifest below `folder`, by collection and hour; with `revisions` the superseded ones, too, before the one that is published. A manifest that
 * cannot be read is listed with the reason. Throws `folder.unreadable`.
 */
export async function listDatasets(folder: string, { revisions = false } = {}): Promise<ListedDataset[]> {
  const paths = (await manifestsBelow(folder, revisions)).toSorted((a, b) => compare(sortKey(a), sortKey(b)));
  return await Promise.all(
    paths.map(async (manifestPath) => {
      try {
        const manifest = await readDatasetManifest(manifestPath);
        return manifest === undefined ? { manifestPath, unreadable: 'it went away' } : { manifestPath, manifest };
      } catch (error) {
        return { manifestPath, unreadable: causeText(error) };
      }
    }),
  );
}

/** Folder of the day, then hour, then revision: `…/revisions/2022-10-01_13_r2_manifest.json` before `…/2022-10-01_13_manifest.json`. */
function sortKey(path: string): string {
  const day = basename(dirname(path)) === REVISIONS ? dirname(dirname(path)) : dirname(path);
  const [, label = '', revision] = /^(.*?)(?:_r(\d+))?_manifest\.json$/.exec(basename(path)) ?? [];
  return [day, label, revision === undefined ? '~' : revision.padStart(12, '0')].join('\0');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function manifestsBelow(folder: string, revisions: boolean): Promise<string[]> {
  const found: string[] = [];
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && (revisions || entry.name !== REVISIONS))
        found.push(...(await manifestsBelow(path, revisions)));
      else if (entry.isFile() && entry.name.endsWith(DATASET_MANIFEST_SUFFIX)) found.push(path);
    }
  } catch (error) {
    if (error instanceof MistnetError) throw error;
    throw new MistnetError('folder.unreadable', `Cannot read the folder ${folder}: ${causeText(error)}.`, {
      cause: error,
    });
  }
  return found;
}
