import { join } from 'node:path';
import { z } from 'zod';
import type { App } from '../app-type.ts';
import { sees, sightOf } from '../caller.ts';
import { contentTypeOf, isCollectionName, isDayName, parseDatasetFileName } from '../dataset-names.ts';
import { ProblemError } from '../problems.ts';
import { isPublishedFile } from '../published-file.ts';
import { problemReplies, streamReply } from '../reply-schemas.ts';
import { downloadPolicy } from '../security-headers.ts';

/** Downloads of published dataset files, streamed, with ETag and ranges so that a broken download can go on. */
export function fileRoutes(app: App, { datasetsFolder }: { datasetsFolder: string }): void {
  app.get(
    '/files/datasets/:collection/:day/:file',
    {
      schema: {
        operationId: 'downloadDatasetFile',
        summary: 'A published file of an hour, or the report of a day',
        tags: ['datasets'],
        params: z.object({ collection: z.string(), day: z.string(), file: z.string() }),
        response: { 200: streamReply('The file', 'application/octet-stream'), ...problemReplies(404) },
      },
    },
    async (request, reply) => {
      const { collection, day, file } = request.params;
      const name = isCollectionName(collection) && isDayName(day) ? parseDatasetFileName(day, file) : undefined;
      const folder = join(datasetsFolder, collection, day);
      const isSeen = sees(await sightOf(request), collection);
      // Only what a manifest published; names were matched whole, so no path can lead out of the folder.
      if (!isSeen || name === undefined || (name.kind === 'hour' && !(await isPublishedFile(folder, name.label, file))))
        throw new ProblemError('file.unknown', `No published file is named ${collection}/${day}/${file}.`);
      return reply
        .type(contentTypeOf(file))
        .header('cache-control', 'no-cache')
        .header('content-security-policy', downloadPolicy)
        .header('content-disposition', `${isShown(file) ? 'inline' : 'attachment'}; filename="${file}"`)
        .sendFile(file, folder, { contentType: false, cacheControl: false, acceptRanges: true, etag: true });
    },
  );
}

/** Small text opens in the browser; data is saved. */
function isShown(file: string): boolean {
  return file.endsWith('_report.txt') || file.endsWith('.json');
}
