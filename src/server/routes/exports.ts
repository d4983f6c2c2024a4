import { basename } from 'node:path';
import { z } from 'zod';
import type { App } from '../app-type.ts';
import { ProblemError } from '../problems.ts';
import { exportedFile } from '../exported-file.ts';
import { exportsReplySchema, jsonReply, problemReplies, streamReply } from '../reply-schemas.ts';
import { downloadPolicy } from '../security-headers.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';

/** The list of exports, and downloads of the files of those that lie on this machine. */
export function exportRoutes(app: App, { sources }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/exports',
    {
      schema: {
        operationId: 'listExports',
        summary: 'Exports, newest first, with how far each has come',
        tags: ['exports'],
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
        response: { 200: jsonReply('The newest exports', exportsReplySchema), ...problemReplies(400, 503) },
      },
    },
    async ({ query: { limit } }) => ({ exports: await askSource(sources.exports(limit)) }),
  );
  app.get(
    '/files/exports/:name/:file',
    {
      schema: {
        operationId: 'downloadExportFile',
        summary: 'A file of an export that was published on this machine',
        tags: ['exports'],
        params: z.object({ name: z.string(), file: z.string() }),
        response: { 200: streamReply('The file', 'application/octet-stream'), ...problemReplies(404, 503) },
      },
    },
    async ({ params: { name, file } }, reply) => {
      const folder = await askSource(sources.exportFolder(name));
      // Only what a manifest published; the name must be one of its, so no path can lead out of the folder.
      if (folder === undefined || !(await exportedFile(folder, file)))
        throw new ProblemError('file.unknown', `No published file is named ${name}/${file} on this machine.`);
      return reply
        .type('application/octet-stream')
        .header('cache-control', 'no-cache')
        .header('content-security-policy', downloadPolicy)
        .header('content-disposition', `attachment; filename="${basename(file)}"`)
        .sendFile(file, folder, { contentType: false, cacheControl: false, acceptRanges: true, etag: true });
    },
  );
}
