/** Sources for a server whose routes are only described or whose guard alone is tried: whatever is asked of them fails. */
import type { ServerSources } from './sources.ts';

export function describedSources(): ServerSources {
  const never = () => Promise.reject(new Error('Routes are only described here.'));
  // Groups of sources and their functions alike: each is callable and has whatever member is asked for.
  const anything: unknown = new Proxy(never, { get: (_target, name) => (name === 'then' ? undefined : anything) });
  return anything as ServerSources;
}
