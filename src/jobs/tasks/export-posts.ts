/** One export of the list, from wherever it stands to its end, with its progress noted each second. */
import { causeText, MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { ExportManifest } from '../../share/export-manifest.ts';
import { exportRequestSchema } from '../../share/export-request.ts';
import { discardExport, type ExportProgress, runExport } from '../../share/run-export.ts';
import type { Database } from '../../store/db.ts';
import {
  beginExport,
  endExport,
  type ExportRecord,
  findExport,
  noteProgress,
  releaseExport,
} from '../../store/export/exports.ts';

export type ExportTask = {
  db: Database;
  version: string;
  clock: Clock;
  /** Its abort leaves the export to whoever asks for it next; what is written so far is gone on with. */
  signal: AbortSignal;
  onProgress?: (progress: ExportProgress) => void;
  checkpointRows?: number;
};

const NOTE_EVERY_MS = 1000;
const PASSING = new Set(['database.unreachable', 'dataset.conflict']);

/** What waiting mends: the job is tried again and goes on where it was. Anything else is the export's end. */
export function isPassing(error: unknown): boolean {
  return error instanceof MistnetError && PASSING.has(error.code);
}

/**
 * Runs the export of this name; undefined when it has ended or was cancelled, before or meanwhile. A failure that waiting cannot mend is noted
 * and thrown; the others are only thrown.
 */
export async function exportPosts(task: ExportTask, name: string): Promise<ExportManifest | undefined> {
  const { db, version, clock, signal } = task;
  const now = () => new Date(clock.now()).toISOString();
  const record = await findExport(db, name);
  if (!(await beginExport(db, name, now()))) return undefined;
  await using watch = watchProgress(db, record);
  try {
    const manifest = await runExport({
      ...{ db, name, version, clock, folder: record.folder },
      request: exportRequestSchema.parse(record.request),
      signal: AbortSignal.any([signal, watch.cancelled]),
      onProgress: (progress) => {
        watch.last = progress;
        task.onProgress?.(progress);
      },
      ...(task.checkpointRows === undefined ? {} : { checkpointRows: task.checkpointRows }),
    });
    await watch.stop();
    const bytesDone = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
    const progress = { rowsTotal: manifest.rows, rowsDone: manifest.rows, bytesDone };
    await endExport(db, name, { state: 'done', finishedAt: now(), progress });
    return manifest;
  } catch (error) {
    await watch.stop();
    if (watch.cancelled.aborted) {
      await discardExport(record.folder, name, clock);
      await endExport(db, name, { state: 'cancelled', finishedAt: now() });
      return undefined;
    }
    if (signal.aborted) await releaseExport(db, name);
    else if (!isPassing(error)) {
      await discardExport(record.folder, name, clock).catch(() => {}); // what went wrong before says more
      await endExport(db, name, { state: 'failed', finishedAt: now(), reason: causeText(error) });
    }
    throw error;
  }
}

/** Tells the database how far it has come, and hears from it that the export is not wanted any more. */
function watchProgress(db: Database, { name }: ExportRecord) {
  const cancel = new AbortController();
  let busy: Promise<void> | undefined;
  const note = async () => {
    const wanted = await noteProgress(db, name, watch.last).catch(() => true); // the database is away: the export itself will say so
    if (!wanted) cancel.abort(new Error('cancelled'));
    busy = undefined;
  };
  const timer = setInterval(() => {
    busy ??= note();
  }, NOTE_EVERY_MS);
  const stop = async () => {
    clearInterval(timer);
    await busy;
  };
  const watch = {
    last: { rowsDone: 0, bytesDone: 0 } as Partial<ExportProgress> & { rowsDone: number; bytesDone: number },
    cancelled: cancel.signal,
    stop,
    [Symbol.asyncDispose]: stop,
  };
  return watch;
}
