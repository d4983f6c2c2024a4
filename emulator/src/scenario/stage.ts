import { type ScenarioEvent, ScenarioError, type Who } from './scenario.ts';
import type { Outage } from './outages.ts';
import type { SeededWorld } from '../world/seeded-world.ts';

/**
 * Puts a scenario's events into the world, before it is looked at; gives back the outages, which are no matter of the world.
 * Throws ScenarioError for accounts and handles that don't fit.
 */
export function stage(
  events: readonly ScenarioEvent[],
  world: SeededWorld,
  examples: ReadonlyMap<string, number>,
  startAt: number,
): Outage[] {
  const outages: Outage[] = [];
  const find = (account: string, at: number): number => accountNamed(account, at, world, examples);
  const allOf = (who: Who, at: number): number[] => {
    if ('account' in who) return [find(who.account, at)];
    if (who.from + who.count > world.accounts)
      throw new ScenarioError(`the world has only ${world.accounts} accounts.`);
    return Array.from({ length: who.count }, (_, n) => who.from + n);
  };
  for (const event of events.toSorted((a, b) => a.afterMs - b.afterMs)) {
    const at = startAt + event.afterMs;
    switch (event.kind) {
      case 'rename': {
        const account = find(event.account, at);
        const owner = world.accountByHandle(event.to, at);
        if (owner !== undefined && owner !== account) throw new ScenarioError(`@${event.to} is taken at that time.`);
        world.life.add({ at, account, handle: event.to });
        break;
      }
      case 'state':
        for (const account of allOf(event.who, at)) world.life.add({ at, account, state: event.state });
        break;
      case 'posts':
        for (const account of allOf(event.who, at))
          world.fates.add({ account, at, share: event.share, what: event.what });
        break;
      case 'scrub-geo':
        for (const account of allOf(event.who, at)) world.life.add({ at, account, scrubsGeo: true });
        break;
      case 'withhold':
        for (const account of allOf(event.who, at)) world.life.add({ at, account, withheldIn: event.countries });
        break;
      case 'burst':
        world.writer.addBurst({ from: at, to: at + event.forMs, tag: event.tag, share: event.share });
        break;
      case 'outage':
        outages.push({ from: at, to: at + event.forMs, cut: event.cut });
    }
  }
  return outages;
}

function accountNamed(name: string, at: number, world: SeededWorld, examples: ReadonlyMap<string, number>): number {
  const account =
    examples.get(name) ??
    (/^\d+$/.test(name) ? world.accountById(name, at) : world.accountByHandle(name.replace(/^@/, ''), at));
  if (account === undefined) {
    throw new ScenarioError(
      `nobody is called "${name}"; give a name such as user_public, a handle of that time, or an id.`,
    );
  }
  return account;
}
