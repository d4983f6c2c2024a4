import type { Clock } from '../../core/time.ts';
import type { App } from '../app-type.ts';
import { isDirectlyLocal } from '../auth/visit.ts';
import { effectiveRole } from '../caller.ts';
import { createMetrics } from '../metrics.ts';
import { mayCall } from '../permissions.ts';
import { ProblemError } from '../problems.ts';
import { shareCall } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';

/** Two scrapers at once cost the database one question. */
const MAX_AGE_MS = 2_000;

/** Figures for Prometheus. By a token or a session of a viewer who sees everything, or by a program on this machine. */
export function metricsRoute(app: App, { sources, clock }: { sources: ServerSources; clock: Clock }): void {
  const read = shareCall(createMetrics(sources, clock), { clock, maxAgeMs: MAX_AGE_MS });
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    // A program on this machine; not one whose request a proxy here hands on: those come from anywhere.
    if (!isDirectlyLocal(request, undefined)) {
      const { caller } = request;
      if (!mayCall(effectiveRole(caller), 'viewer'))
        throw new ProblemError('sign-in.required', 'Send an API token with the scope read, or ask from this machine.');
      // Names of private collections stand in the figures.
      if ((await request.callers.sightOf(caller)) !== 'all')
        throw new ProblemError('access.denied', 'These figures tell of all collections; this caller does not see all.');
    }
    const { text, contentType } = await read();
    return reply.header('cache-control', 'no-store').type(contentType).send(text);
  });
}
