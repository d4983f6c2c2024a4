/**
 * Several files published as one. All is written and durable in a build folder first; renaming that folder is the moment of decision.
 * From then on the publication goes forward whatever happens: `finishPublication` does what is left of it, in the same order, as
 * often as it takes. At any instant the manifest in the day's folder describes files that are there, or there is none because a
 * publication is under way; the revision before is by then whole in `revisions/`.
 */
import { copyFile, link, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeDurably } from '../capture/durable-file.ts';
import { crashPoint } from '../core/crash-point.ts';
import { DATASET_MANIFEST_SUFFIX, type DatasetManifest, readDatasetManifest } from './dataset-manifest.ts';
import { mergeReport, reportLine } from './report.ts';
import { revisionName } from './verify-dataset.ts';

/** How far a publication has come; each is told after it was done. */
export type PublishStep =
  | 'decided'
  | 'revision-kept'
  | 'unpublished'
  | 'data-renamed'
  | 'manifest-renamed'
  | 'report-written';

export const REVISIONS = 'revisions';

const ROOM = 'room';
const ROOM_BYTES = 64 * 1024;

export function manifestName(label: string): string {
  return `${label}${DATASET_MANIFEST_SUFFIX}`;
}

/** Where a build writes: hidden, on the same file system as the day's folder. */
export function buildFolder(dayFolder: string, label: string, token: string): string {
  return join(dayFolder, `.${label}.build-${token}`);
}

function decidedFolder(dayFolder: string, label: string): string {
  return join(dayFolder, `.${label}.publish`);
}

/** Publishes what a build folder holds: durable outputs and their manifest, nothing else. The caller holds the hour's lock. */
export async function publish(
  dayFolder: string,
  building: string,
  manifest: DatasetManifest,
  onStep: (step: PublishStep) => void,
): Promise<void> {
  const manifestPath = join(building, manifestName(manifest.label));
  await using file = await open(manifestPath, 'wx', 0o644);
  await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
  await file.sync();
  await holdRoom(join(building, ROOM));
  await syncFolder(building);
  // crash point publish.prepared: recovery must remove the build folder; what was published before stays.
  crashPoint('publish.prepared');
  await rename(building, decidedFolder(dayFolder, manifest.label));
  await syncFolder(dayFolder);
  // crash point publish.decided: recovery must publish what was decided, from here on in any case.
  crashPoint('publish.decided');
  onStep('decided');
  await finishPublication(dayFolder, manifest.label, onStep);
}

/**
 * Ends a publication that a crash cut short, and removes what dead builds of the hour left. Does nothing when there is nothing to do.
 * The caller holds the hour's lock.
 */
export async function finishPublication(
  dayFolder: string,
  label: string,
  onStep: (step: PublishStep) => void = () => {},
): Promise<void> {
  const decided = decidedFolder(dayFolder, label);
  const name = manifestName(label);
  const next = await readDatasetManifest(join(decided, name));
  if (next !== undefined) {
    await rm(join(decided, ROOM), { force: true });
    const current = await readDatasetManifest(join(dayFolder, name));
    if (current !== undefined) await keepRevision(dayFolder, current);
    // crash point publish.revision-kept: recovery must find the revision before whole in `revisions/` and go on.
    crashPoint('publish.revision-kept');
    onStep('revision-kept');
    await rm(join(dayFolder, name), { force: true });
    await syncFolder(dayFolder);
    // crash point publish.unpublished: recovery must publish the new one; until then no manifest describes files that change.
    crashPoint('publish.unpublished');
    onStep('unpublished');
    for (const { file } of Object.values(next.outputs)) await renameIfThere(join(decided, file), join(dayFolder, file));
    await removeSuperseded(dayFolder, next);
    await syncFolder(dayFolder);
    // crash point publish.data-renamed: recovery must rename the manifest.
    crashPoint('publish.data-renamed');
    onStep('data-renamed');
    await rename(join(decided, name), join(dayFolder, name));
    await syncFolder(dayFolder);
    // crash point publish.manifest-renamed: recovery must write the report; the hour is published.
    crashPoint('publish.manifest-renamed');
    onStep('manifest-renamed');
  }
  // A crash after the manifest's rename leaves an empty folder and perhaps a report without the hour.
  if (next !== undefined || (await exists(decided))) {
    await writeReport(dayFolder, decided);
    // crash point publish.report-written: recovery must remove the empty folder of the publication.
    crashPoint('publish.report-written');
    onStep('report-written');
    await rm(decided, { recursive: true, force: true });
    await syncFolder(dayFolder);
    // crash point publish.ended: recovery must find nothing to do.
    crashPoint('publish.ended');
  }
  for (const entry of await readdir(dayFolder))
    if (entry.startsWith(`.${label}.build-`)) await rm(join(dayFolder, entry), { recursive: true, force: true });
}

/** A full disk must say no before the decision: so much is held until then for names in folders and for the report. */
async function holdRoom(path: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(Buffer.alloc(ROOM_BYTES));
  await file.sync();
}

/** Gives the revision's files a second name below `revisions/`, its manifest last. */
async function keepRevision(dayFolder: string, manifest: DatasetManifest): Promise<void> {
  const folder = join(dayFolder, REVISIONS);
  await mkdir(folder, { recursive: true });
  const files = [...Object.values(manifest.outputs).map(({ file }) => file), manifestName(manifest.label)];
  for (const file of files) {
    await linkOrCopy(join(dayFolder, file), join(folder, revisionName(file, manifest)));
    // crash point publish.revision-linked: recovery must give the rest of the revision its second names.
    crashPoint('publish.revision-linked');
  }
  await syncFolder(folder);
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return; // kept by the run that a crash cut short
    if (code === 'ENOENT') return; // a file lost before this build; its manifest, kept too, says so
    const temporary = `${to}.tmp`;
    await copyFile(from, temporary); // a file system without hard links
    await using file = await open(temporary, 'r+');
    await file.sync();
    await rename(temporary, to);
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
    // crash point publish.file-renamed: recovery must rename the other files; a manifest that describes them is not there yet.
    crashPoint('publish.file-renamed');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // renamed before the crash
  }
}

/** With another setting of xz the files of the revision before have other names and would stay beside the new ones. */
async function removeSuperseded(dayFolder: string, { label, outputs }: DatasetManifest): Promise<void> {
  const current = new Set(Object.values(outputs).map(({ file }) => file));
  for (const ending of ['_IDs.txt', '_tweets.csv', '_users.csv'])
    for (const file of [`${label}${ending}`, `${label}${ending}.xz`])
      if (!current.has(file)) await rm(join(dayFolder, file), { force: true });
}

/**
 * Writes the day's report from the manifests in its folder, by way of `aside`. Builders of other hours of the day may do the same at
 * the same time, so each looks again after its own writing: whoever writes last has then seen all.
 */
async function writeReport(dayFolder: string, aside: string): Promise<void> {
  for (let written: string | undefined; ; ) {
    const manifests = await readManifests(dayFolder);
    const [first] = manifests;
    if (first === undefined) return;
    const nodes = Math.max(...manifests.map((manifest) => manifest.nodes.length));
    const lines = new Map(manifests.map((manifest) => [manifest.report.cell, lineOf(manifest, nodes)]));
    const path = join(dayFolder, `${first.day}_report.txt`);
    const text = mergeReport(await readOrEmpty(path), lines, nodes);
    if (text === written) return;
    await writeDurably(join(aside, 'report'), text);
    await rename(join(aside, 'report'), path);
    await syncFolder(dayFolder);
    written = text;
  }
}

function lineOf({ report, nodes, counts }: DatasetManifest, width: number): string {
  const perNode = nodes.map(({ unique }) => unique);
  return reportLine(report.cell, { perNode, total: counts.tweets, difference: counts.difference }, width);
}

/** The day's current manifests. */
async function readManifests(dayFolder: string): Promise<DatasetManifest[]> {
  const names = (await readdir(dayFolder)).filter((name) => name.endsWith(DATASET_MANIFEST_SUFFIX)).sort();
  const manifests = await Promise.all(names.map((name) => readDatasetManifest(join(dayFolder, name))));
  return manifests.filter((manifest) => manifest !== undefined);
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await readdir(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
