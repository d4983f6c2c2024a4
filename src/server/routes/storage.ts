import { z } from 'zod';
import { BACKUP_NOTED } from '../../store/nodes/backups.ts';
import type { App } from '../app-type.ts';
import { noteDeed } from '../audit.ts';
import { backupCommands } from '../backup-commands.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import {
  notedBackupSchema,
  settingsReplySchema,
  storageReplySchema,
  versionReplySchema,
} from './operations-schemas.ts';

/** What lies where, what must be copied to be safe, how this installation is set up. For administrators. */
export function storageRoutes(app: App, { sources: { operations } }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/storage',
    {
      schema: {
        operationId: 'getStorage',
        summary: 'The database, its tables and partitions; and what a backup must hold',
        tags: ['storage'],
        response: { 200: jsonReply('Sizes as PostgreSQL estimates them', storageReplySchema), ...problemReplies(503) },
      },
    },
    async () => {
      const [{ user, ...database }, last] = await askSource(
        Promise.all([operations.database(), operations.lastBackup()]),
      );
      const commands = backupCommands(operations.backupPlace({ ...database, user }));
      const backup = { isAutomatic: false as const, folders: [...TO_COPY], last: last ?? null, commands };
      return { database, node: operations.node, backup };
    },
  );
  app.post(
    '/api/v1/backups',
    {
      schema: {
        operationId: 'noteBackup',
        summary: 'Notes that somebody made a backup: mistnet makes none by itself, and says how old the last one is',
        tags: ['storage'],
        body: z.strictObject({
          note: z.string().trim().max(300).default('').meta({ description: 'Where it lies, for people' }),
        }),
        response: { 200: jsonReply('It is the last one now', notedBackupSchema), ...problemReplies(400, 503) },
      },
    },
    async (request) => {
      await noteDeed(request, { action: BACKUP_NOTED, details: { note: request.body.note } });
      const last = await askSource(operations.lastBackup());
      if (last === undefined) throw new Error('the note of a backup is not there, though it was written');
      return last;
    },
  );
  app.get(
    '/api/v1/settings',
    {
      schema: {
        operationId: 'getSettings',
        summary: 'The effective settings of the server and where each comes from; secrets are hidden',
        tags: ['storage'],
        response: { 200: jsonReply('All settings', settingsReplySchema), ...problemReplies(503) },
      },
    },
    async () => ({ node: operations.node, settings: operations.settings().map((each) => ({ ...each })) }),
  );
  app.get(
    '/api/v1/version',
    {
      schema: {
        operationId: 'getVersion',
        summary: 'Versions of mistnet, of what runs it, and of the database and its schema',
        tags: ['nodes'],
        response: { 200: jsonReply('Versions', versionReplySchema), ...problemReplies(503) },
      },
    },
    async () => {
      const { version: database, migrations, newestMigration } = await askSource(operations.database());
      const { node, version } = operations;
      return { version, node, runtime: process.version, database, migrations, newestMigration };
    },
  );
}

/** Below the data folder; everything else is made anew from it. */
const TO_COPY = [
  { path: 'segments', why: 'what arrived, as it arrived: everything else can be made anew from it' },
  { path: 'secrets.key', why: 'opens the credentials in the database; keep it apart from the database’s copy' },
  { path: 'node-name', why: 'this machine’s name in segments and datasets' },
  { path: 'datasets', why: 'hours as they were published, with older revisions' },
  { path: 'exports', why: 'what people asked for; can be made again' },
  {
    path: 'postgres',
    why: 'collections, users, accounts, alerts, and all that was loaded: copy it by pg_dump while it runs, or the folder while mistnet is stopped',
  },
] as const;
