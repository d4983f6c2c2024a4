/**
 * Builds the dataset of one hour from what one or more nodes captured: reads everything once, keeps each post once, writes four
 * files and publishes them with their manifest. Memory grows by the index alone, about 75 bytes a post.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskTrouble, makeFolder as makeDurably } from '../capture/durable-file.ts';
import { crashPoint } from '../core/crash-point.ts';
import { MistnetError, causeText } from '../core/errors.ts';
import type { Clock, UtcHour } from '../core/time.ts';
import { BuildLock } from './build-lock.ts';
import { type DatasetManifest, fingerprint, readDatasetManifest } from './dataset-manifest.ts';
import { nameHour } from './hour-name.ts';
import { type PublishStep, REVISIONS, buildFolder, finishPublication, manifestName, publish } from './publish.ts';
import { type CutMode, type FrameChoice, type NodeInput, type NodeReport, readNode } from './read-node.ts';
import { percentText, reportLine } from './report.ts';
import { RowIndex } from './row-index.ts';
import { Spill } from './spill.ts';
import { verifyDataset } from './verify-dataset.ts';
import { type OutputKind, writeOutputs } from './write-outputs.ts';
import type { XzLevel } from './xz.ts';

/** `reading`: plain bytes read of one file so far. `written`: an output is done. `publishing`: a border was crossed. */
export type BuildProgress =
  | { stage: 'reading'; node: string; file: string; contentBytes: number }
  | { stage: 'written'; output: OutputKind }
  | { stage: 'publishing'; step: PublishStep };

export type BuildHourOptions = {
  hour: UtcHour;
  /** In order of preference: of a post that several have, the first one's copy is taken. At least one; each may be without files. */
  nodes: NodeInput[];
  /** The collection's folder of datasets; the day's folder is made below it. */
  output: string;
  /** IANA zone for names and the report's hour, default UTC. */
  zone?: string;
  xzLevel: XzLevel | 'none';
  mode: CutMode;
  /** Of a stream that collections share: whether a frame is this collection's. */
  keeps?: FrameChoice;
  /** The hour is not over: the manifest says so. */
  partial?: boolean;
  collection?: string;
  /** Version of mistnet, for the manifest. */
  version: string;
  clock: Clock;
  signal: AbortSignal;
  onProgress?: (progress: BuildProgress) => void;
};

/** `isNew` is false where the same inputs with the same settings had been built before and are still intact. */
export type BuiltHour = { manifest: DatasetManifest; manifestPath: string; dayFolder: string; isNew: boolean };

/**
 * Throws `zone.invalid`, `dataset.empty` (no nodes at all), `dataset.conflict` (another build of the hour runs), `folder.unreadable` (an
 * input), `file.unwritable`, `xz.missing`; leaves nothing behind then but what was published before.
 */
export async function buildHour(options: BuildHourOptions): Promise<BuiltHour> {
  try {
    return await buildLocked(options);
  } catch (error) {
    if (error instanceof MistnetError || !isDiskTrouble(error)) throw error;
    const sentence = `Cannot write the hour ${options.hour} to ${options.output}: ${causeText(error)}.`;
    throw new MistnetError('file.unwritable', sentence, { cause: error });
  }
}

async function buildLocked(options: BuildHourOptions): Promise<BuiltHour> {
  const { hour, nodes, output, zone = 'UTC', clock, signal, onProgress = () => {} } = options;
  const { day, label, cell } = nameHour(hour, zone);
  if (nodes.length === 0) throw new MistnetError('dataset.empty', `No node is given for the hour ${hour}.`);
  const dayFolder = await makeFolder(join(output, day));
  const manifestPath = join(dayFolder, manifestName(label));
  await using lock = await BuildLock.take(join(dayFolder, `.${label}.lock`), `The hour ${hour} in ${output}`, clock);
  // crash point build.locked: recovery must take over the lock, for its owner is dead.
  crashPoint('build.locked');
  await finishPublication(dayFolder, label);
  const building = await makeFolder(buildFolder(dayFolder, label, lock.token));
  try {
    const index = new RowIndex();
    await using spill = await Spill.create(join(building, 'rows'));
    const { reports, escapedFields } = await readNodes(options, index, spill);
    // crash point build.read: recovery must remove the build folder with all that was gathered in it.
    crashPoint('build.read');
    const head = {
      schema: 1 as const,
      ...(options.collection === undefined ? {} : { collection: options.collection }),
      hour,
      zone,
      day,
      label,
      partial: options.partial ?? false,
      mode: options.mode,
      xzLevel: options.xzLevel,
      nodes: reports,
    };
    const current = await readDatasetManifest(manifestPath);
    if (current !== undefined && fingerprint(current) === fingerprint({ ...head }) && (await isIntact(manifestPath)))
      return { manifest: current, manifestPath, dayFolder, isNew: false };

    const revision = (await lastRevision(dayFolder, label, current)) + 1;
    const difference = countDifference(index, nodes.length);
    const outputs = await writeOutputs({
      folder: building,
      label,
      index,
      spill,
      escapedFields,
      nodeNames: nodes.map(({ name }) => name),
      xzLevel: options.xzLevel,
      metadata: parquetMetadata({ ...head, revision }),
      signal,
      onWritten: (kind) => {
        // crash point build.output-written: recovery must remove the build folder; outputs without a manifest are nothing.
        crashPoint('build.output-written');
        onProgress({ stage: 'written', output: kind });
      },
    });
    const perNode = reports.map(({ unique }) => unique);
    const manifest: DatasetManifest = {
      ...head,
      revision,
      counts: {
        tweets: index.size,
        users: outputs.users.rows,
        difference,
        percent: percentText(difference, index.size),
      },
      report: { cell, line: reportLine(cell, { perNode, total: index.size, difference }) },
      outputs,
      builtAt: new Date(clock.now()).toISOString(),
      mistnet: options.version,
    };
    await spill.remove();
    signal.throwIfAborted();
    if (!lock.isHeld())
      throw new MistnetError(
        'dataset.conflict',
        `Another build took over the hour ${hour} in ${output}; nothing was published.`,
      );
    await publish(dayFolder, building, manifest, (step) => onProgress({ stage: 'publishing', step }));
    return { manifest, manifestPath, dayFolder, isNew: true };
  } finally {
    await finishPublication(dayFolder, label);
  }
}

async function readNodes(
  { hour, nodes, mode, keeps, signal, onProgress }: BuildHourOptions,
  index: RowIndex,
  spill: Spill,
): Promise<{ reports: NodeReport[]; escapedFields: number }> {
  const reports: NodeReport[] = [];
  let escapedFields = 0;
  for (const [ordinal, node] of nodes.entries()) {
    const onFile = (progress: { file: string; contentBytes: number }) =>
      onProgress?.({ stage: 'reading', node: node.name, ...progress });
    const chosen = keeps === undefined ? {} : { keeps };
    const read = await readNode({ node, ordinal, hour, mode, ...chosen, index, spill, signal, onProgress: onFile });
    reports.push(read.report);
    escapedFields |= read.escapedFields;
  }
  return { reports, escapedFields };
}

/** Posts that at least one of the nodes lacks. */
function countDifference(index: RowIndex, nodes: number): number {
  let difference = 0;
  for (let row = 0; row < index.size; row++) if ((index.heldBy[row] as number) < nodes) difference++;
  return difference;
}

async function isIntact(manifestPath: string): Promise<boolean> {
  return (await verifyDataset(manifestPath)).differences.length === 0;
}

/** The highest revision that there is or was; 0 when the hour was never built. */
async function lastRevision(dayFolder: string, label: string, current: DatasetManifest | undefined): Promise<number> {
  let last = current?.revision ?? 0;
  for (const file of await readdir(join(dayFolder, REVISIONS)).catch(noFolder)) {
    const revision = file.startsWith(`${label}_r`) ? Number.parseInt(file.slice(label.length + 2), 10) : 0;
    if (revision > last) last = revision;
  }
  return last;
}

function noFolder(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

function parquetMetadata(
  head: Pick<DatasetManifest, 'collection' | 'hour' | 'zone' | 'revision' | 'partial' | 'nodes'>,
): Record<string, string> {
  const inputs = head.nodes.map(({ name, inputs: files }) => ({
    node: name,
    files: files.map(({ file, sha256 }) => [file, sha256]),
  }));
  return {
    ...(head.collection === undefined ? {} : { 'mistnet.collection': head.collection }),
    'mistnet.schema': '1',
    'mistnet.hour': head.hour,
    'mistnet.zone': head.zone,
    'mistnet.revision': String(head.revision),
    'mistnet.partial': String(head.partial),
    'mistnet.inputs': JSON.stringify(inputs),
  };
}

async function makeFolder(folder: string): Promise<string> {
  try {
    await makeDurably(folder);
    return folder;
  } catch (error) {
    throw new MistnetError('file.unwritable', `Cannot make the folder ${folder}: ${causeText(error)}.`, {
      cause: error,
    });
  }
}
