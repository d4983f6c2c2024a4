import type { App } from '../app-type.ts';
import { diskUsageSchema, jsonReply } from '../reply-schemas.ts';
import type { ServerSources } from '../sources.ts';

/** How full the disk of this node is and when it will be. */
export function diskRoutes(app: App, { sources }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/disk',
    {
      schema: {
        operationId: 'getDisk',
        summary: "The data folder's filesystem, what the data folder uses of it, and a forecast",
        tags: ['status'],
        response: { 200: jsonReply('Free space as of now; sizes of folders may be a little older', diskUsageSchema) },
      },
    },
    () => sources.diskUsage(),
  );
}
