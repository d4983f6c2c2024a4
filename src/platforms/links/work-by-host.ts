/** Many links at once without two of one host at once: a host with thousands of links does not keep those of the others waiting. */

/** `hostsAtOnce`: how many are worked on at a time. `mostWaiting`: links in memory; more are taken from the source as these become fewer. */
export type HostPlan<Link> = {
  hostOf: (link: Link) => string;
  work: (link: Link) => Promise<void>;
  hostsAtOnce: number;
  mostWaiting: number;
};

/** Ends when all of the source is worked on. After a throw of source or work nothing new begins; what is under way ends, then it is thrown. */
export async function workByHost<Link>(source: AsyncIterable<Link>, plan: HostPlan<Link>): Promise<void> {
  const { hostOf, work, hostsAtOnce, mostWaiting } = plan;
  /** In the order in which hosts get their turns. A host that is worked on is not in it. */
  const waiting = new Map<string, Link[]>();
  const busy = new Map<string, Link[]>();
  let held = 0;
  let isPulling = false;
  let hasEnded = false;
  let failure: { error: unknown } | undefined;
  let wake = Promise.withResolvers<void>();
  const fail = (error: unknown) => {
    failure ??= { error };
  };
  const links = source[Symbol.asyncIterator]();
  const pull = async () => {
    try {
      const { done, value } = await links.next();
      if (done === true) hasEnded = true;
      else {
        const host = hostOf(value);
        const line = busy.get(host) ?? waiting.get(host);
        if (line === undefined) waiting.set(host, [value]);
        else line.push(value);
        held++;
      }
    } catch (error) {
      hasEnded = true;
      fail(error);
    } finally {
      isPulling = false;
      wake.resolve();
    }
  };
  const workOn = async (host: string, line: Link[], link: Link) => {
    try {
      await work(link);
    } catch (error) {
      fail(error);
    } finally {
      held--;
      busy.delete(host);
      if (line.length > 0) waiting.set(host, line); // behind the hosts that wait already
      wake.resolve();
    }
  };
  while (failure === undefined || busy.size > 0 || isPulling) {
    if (failure === undefined) {
      if (!hasEnded && !isPulling && held < mostWaiting) {
        isPulling = true;
        void pull(); // it catches all, and wakes this loop
      }
      for (const [host, line] of waiting) {
        if (busy.size >= hostsAtOnce) break;
        waiting.delete(host);
        const link = line.shift();
        if (link === undefined) continue;
        busy.set(host, line);
        void workOn(host, line, link); // it catches all, and wakes this loop
      }
      if (hasEnded && held === 0) break;
    }
    await wake.promise;
    wake = Promise.withResolvers();
  }
  if (failure === undefined) return;
  await links.return?.();
  throw failure.error;
}
