/** What the server asks about exports. */
import { join } from 'node:path';
import { type Clock, msToCompactInstant } from '../../core/time.ts';
import { MistnetError } from '../../core/errors.ts';
import { EXPORT_NAME } from '../../share/export-request.ts';
import { type NamedWish, resolveWish } from '../../share/resolve-wish.ts';
import type { Database } from '../../store/db.ts';
import {
  askForExport,
  cancelExport,
  type ExportPage,
  type ExportRecord,
  findExport,
  listExports,
} from '../../store/export/exports.ts';
import type { ExportReply } from '../reply-schemas.ts';

/** Which node's worker writes the exports that are asked for here, and where: `folder` is that of all exports. */
export type ExportPlace = { node: string; folder: string };

/** An export with the id that pages go by. */
export type ListedExport = ExportReply & { exportId: string };

export type ExportSources = {
  list(page: ExportPage): Promise<ListedExport[]>;
  /** Throws `export.unknown`. */
  show(name: string): Promise<ExportReply>;
  /** Puts it in line. Throws `export.refused`, `collection.unknown`, `account.unknown`, `zone.invalid`. */
  ask(wish: NamedWish, by: { name?: string; userId?: string }): Promise<ExportReply>;
  /** Throws `export.unknown`, and `export.refused` when it has ended. */
  cancel(name: string): Promise<ExportReply>;
  /** Where an export was published; undefined when it is not there or not done. */
  folder(name: string): Promise<string | undefined>;
};

export function exportSources({ db, clock, place }: { db: Database; clock: Clock; place: ExportPlace }): ExportSources {
  const now = () => new Date(clock.now()).toISOString();
  return {
    list: async (page) => (await listExports(db, page)).map((each) => ({ ...toReply(each), exportId: each.exportId })),
    show: async (name) => toReply(await findExport(db, name)),
    async ask(wish, { name: wanted, userId }) {
      const { request, subject } = await resolveWish(db, wish);
      const name = wanted ?? `${subject}-${msToCompactInstant(clock.now()).toLowerCase()}`;
      if (!EXPORT_NAME.test(name))
        throw new MistnetError(
          'export.refused',
          `An export cannot be named "${name}"; use up to 100 of a-z, 0-9, _, - and ., beginning with a letter or digit.`,
        );
      const record = await askForExport(db, {
        ...{ name, node: place.node, folder: join(place.folder, name), request, background: true, askedAt: now() },
        ...(userId === undefined ? {} : { askedBy: userId }),
      });
      return toReply(record);
    },
    cancel: async (name) => toReply(await cancelExport(db, name, now())),
    folder: async (name) => (await listExports(db, { only: name })).find(({ state }) => state === 'done')?.folder,
  };
}

function toReply(record: ExportRecord): ExportReply {
  const { name, node, request, state, background, askedAt, rowsDone, bytesDone } = record;
  const { askedBy = null, rowsTotal = null, reason = null, startedAt = null, finishedAt = null } = record;
  const manifest = state === 'done' ? `/files/exports/${name}/manifest.json` : null;
  return {
    ...{ name, node, state, background, askedBy, rowsTotal, rowsDone, bytesDone, reason },
    ...{ askedAt, startedAt, finishedAt, manifest, request: request as Record<string, unknown> },
  };
}
