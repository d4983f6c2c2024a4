/** Sources for a server whose routes are only described or whose guard alone is tried: whatever is asked of them fails. */
import type { ServerSources } from './sources.ts';

export function describedSources(): ServerSources {
  const never = () => {
    const refusal = Promise.reject(new Error('Routes are only described here.'));
    refusal.catch(() => {}); // whoever awaits it hears of it; calls that give nothing are not awaited
    return refusal;
  };
  // Groups of sources and their functions alike: each is callable and has whatever member is asked for.
  const anything: unknown = new Proxy(never, { get: (_target, name) => (name === 'then' ? undefined : anything) });
  return anything as ServerSources;
}
