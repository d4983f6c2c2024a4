import { openStore } from '../compose.ts';
import { type Config, foldersOf } from '../config.ts';
import { systemClock } from '../core/time.ts';
import type { BuildProgress, BuiltHour } from '../process/build-hour.ts';
import type { XzLevel } from '../process/xz.ts';

/** Builds one hour of a collection here and now. */
export async function buildHourNow(options: {
  config: Config;
  databaseUrl: string;
  version: string;
  collection: string;
  hour: string;
  xzLevel: XzLevel | 'none';
  signal: AbortSignal;
  onProgress: (progress: BuildProgress) => void;
}): Promise<BuiltHour> {
  const { buildCollectionHour } = await import('../jobs/tasks/build-hour.ts');
  const { config, databaseUrl, version, collection, hour, xzLevel, signal, onProgress } = options;
  const folders = foldersOf(config.home);
  await using db = await openStore(databaseUrl, 'mistnet-dataset');
  return await buildCollectionHour(
    {
      db,
      segmentsFolder: folders.segments,
      datasetsFolder: folders.datasets,
      runFolder: folders.run,
      version,
      clock: systemClock,
      signal,
      xzLevel,
      onProgress,
    },
    collection,
    hour,
  );
}
