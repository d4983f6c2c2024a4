import type { App } from '../app-type.ts';
import { effectiveRole, sightOf } from '../caller.ts';
import type { LiveEvents } from '../live-events.ts';
import { mayCall } from '../permissions.ts';
import { problemReplies, streamReply } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';

/** Server-sent events; see docs/api.md for each event. */
export function eventRoutes(app: App, { events }: { events: LiveEvents }): void {
  app.get(
    '/api/v1/events',
    {
      schema: {
        operationId: 'listenToEvents',
        summary: 'Server-sent events: history, status (each second), rates (each five seconds), problem',
        tags: ['status'],
        response: { 200: streamReply('Events until the listener goes', 'text/event-stream'), ...problemReplies(503) },
      },
    },
    async (request, reply) => {
      const sight = await askSource(sightOf(request));
      /** As of later: a session may have ended, rights may have changed. */
      const askSight = async () => {
        const caller = await request.callers.callerOf(request);
        return mayCall(effectiveRole(caller), 'viewer') ? request.callers.sightOf(caller) : undefined;
      };
      return (
        reply
          .type('text/event-stream; charset=utf-8')
          // A proxy that buffers or compresses would hold events back.
          .header('cache-control', 'no-store, no-transform')
          .header('x-accel-buffering', 'no')
          .send(events.listen(sight, askSight))
      );
    },
  );
}
