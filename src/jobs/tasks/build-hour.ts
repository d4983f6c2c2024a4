import { join } from 'node:path';
import { type Clock, HOUR_MS, parseUtcHour, type UtcHour, utcHourToMs } from '../../core/time.ts';
import { MistnetError } from '../../core/errors.ts';
import { type BuildProgress, buildHour, type BuiltHour } from '../../process/build-hour.ts';
import type { XzLevel } from '../../process/xz.ts';
import type { Database } from '../../store/db.ts';
import { recordDataset } from '../../store/queries/datasets.ts';
import { findCollection } from '../../store/queries/find-collection.ts';
import { FINISHED_AFTER_MS } from '../../store/queries/hours-to-build.ts';
import { framesOfCollection, plansOfHour } from './collection-frames.ts';
import { type HeldInputs, type HeldNode, holdHourInputs } from './hour-inputs.ts';

export type BuildHourTask = {
  db: Database;
  segmentsFolder: string;
  datasetsFolder: string;
  runFolder: string;
  version: string;
  clock: Clock;
  signal: AbortSignal;
  xzLevel?: XzLevel | 'none';
  onProgress?: (progress: BuildProgress) => void;
};

/**
 * Builds one hour of a collection from the segments on this node and records it. An hour that is not finished (6 min after its end,
 * all sealed) is built as far as it goes and marked partial. Throws `collection.unknown`, `dataset.empty`, and what the build throws.
 */
export async function buildCollectionHour(
  task: BuildHourTask,
  collectionName: string,
  hourText: string,
): Promise<BuiltHour> {
  const { db, segmentsFolder, datasetsFolder, runFolder, clock } = task;
  const hour = parseUtcHour(hourText);
  const collection = await findCollection(db, collectionName);
  const plans = await plansOfHour(db, collection, utcHourToMs(hour));
  await using held = new AsyncDisposableStack();
  const inputs: HeldInputs[] = [];
  for (const plan of plans)
    inputs.push(held.use(await holdHourInputs({ planFolder: join(segmentsFolder, plan), plan, hour, runFolder })));
  const nodes = joinNodes(inputs);
  if (nodes.length === 0)
    throw new MistnetError(
      'dataset.empty',
      `Collection "${collection.name}" has no segment of ${hour} on this machine.`,
    );
  const built = await buildHour({
    hour,
    nodes,
    output: join(datasetsFolder, collection.name),
    zone: collection.zone,
    xzLevel: task.xzLevel ?? 6,
    mode: 'cut',
    ...(collection.kind === 'filter'
      ? {
          keeps: await framesOfCollection(
            { segmentsFolder, plans, nodes: nodes.map(({ name }) => name) },
            collection.name,
          ),
        }
      : {}),
    partial: inputs.some(({ open }) => open > 0) || !isFinished(hour, clock),
    collection: collection.name,
    version: task.version,
    clock,
    signal: task.signal,
    ...(task.onProgress === undefined ? {} : { onProgress: task.onProgress }),
  });
  const { manifest, dayFolder } = built;
  await recordDataset(db, {
    collectionId: collection.collectionId,
    hour,
    revision: manifest.revision,
    partial: manifest.partial,
    report: manifest.report.line,
    manifest,
    folder: dayFolder,
    builtAt: manifest.builtAt,
  });
  return built;
}

/** Each node once, with its files of all plans. */
function joinNodes(inputs: readonly HeldInputs[]): HeldNode[] {
  const files = new Map<string, string[]>();
  for (const { name, files: more } of inputs.flatMap(({ nodes }) => nodes))
    files.set(name, [...(files.get(name) ?? []), ...more]);
  return [...files].map(([name, all]) => ({ name, files: all })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether nothing more of the hour can come but late news. */
function isFinished(hour: UtcHour, clock: Clock): boolean {
  return clock.now() >= utcHourToMs(hour) + HOUR_MS + FINISHED_AFTER_MS;
}
