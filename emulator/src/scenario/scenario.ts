import { readFile } from 'node:fs/promises';
import type { AccountState } from '../world/model.ts';
import type { PostRuling } from '../world/post-fates.ts';

/** A scenario file can't be used; the message is a sentence that says where and why. */
export class ScenarioError extends Error {}

/** Whom an event concerns: one account (by example name, `@handle`, or decimal id), or so many from a number on. */
export type Who = { readonly account: string } | { readonly from: number; readonly count: number };

/** What shall happen, at milliseconds after the world's start. */
export type ScenarioEvent = { readonly afterMs: number } & (
  | { readonly kind: 'rename'; readonly account: string; readonly to: string }
  | { readonly kind: 'state'; readonly who: Who; readonly state: AccountState }
  | { readonly kind: 'posts'; readonly who: Who; readonly share: number; readonly what: PostRuling['what'] }
  | { readonly kind: 'scrub-geo'; readonly who: Who }
  | { readonly kind: 'withhold'; readonly who: Who; readonly countries: readonly string[] }
  | { readonly kind: 'burst'; readonly forMs: number; readonly tag: string; readonly share: number }
  | { readonly kind: 'outage'; readonly forMs: number; readonly cut: boolean }
);

const STATES: Readonly<Record<string, AccountState>> = {
  protect: 'protected',
  unprotect: 'public',
  suspend: 'suspended',
  unsuspend: 'public',
  deactivate: 'deactivated',
  reactivate: 'public',
  'delete-account': 'deleted',
};

/** What can be done to posts, beside withholding them. */
const POST_ACTIONS: Readonly<Record<string, 'delete' | 'drop' | 'undrop'>> = {
  'delete-posts': 'delete',
  'drop-posts': 'drop',
  'undrop-posts': 'undrop',
};

export const ACTIONS: readonly string[] = [
  'rename',
  ...Object.keys(STATES),
  ...Object.keys(POST_ACTIONS),
  'withhold-posts',
  'withhold',
  'scrub-geo',
  'burst',
  'outage',
];

/** Reads a scenario file. Throws ScenarioError. @param startAt Unix ms of the world's start, for events given by instant */
export async function loadScenario(path: string, startAt: number): Promise<ScenarioEvent[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ScenarioError(`the scenario ${path} can't be read: ${why}.`, { cause: error });
  }
  return parseScenario(parsed, startAt);
}

/** @param value `{"events":[{"at","do",…}]}` */
export function parseScenario(value: unknown, startAt: number): ScenarioEvent[] {
  const events = isObject(value) ? value['events'] : undefined;
  if (!Array.isArray(events)) throw new ScenarioError('the scenario must be {"events":[…]}.');
  return events.map((event: unknown, n) => {
    if (!isObject(event)) throw new ScenarioError(`event ${n + 1} of the scenario is no object.`);
    return new EventReader(event, n + 1).read(startAt);
  });
}

class EventReader {
  readonly #event: Record<string, unknown>;
  readonly #nth: number;
  readonly #used = new Set(['at', 'do', 'note']);

  constructor(event: Record<string, unknown>, nth: number) {
    this.#event = event;
    this.#nth = nth;
  }

  read(startAt: number): ScenarioEvent {
    const afterMs = this.#instant(startAt);
    const event = { afterMs, ...this.#action() } as ScenarioEvent;
    const unknown = Object.keys(this.#event).find((key) => !this.#used.has(key));
    if (unknown !== undefined) throw this.#fault(`"${unknown}" means nothing here`);
    return event;
  }

  #action() {
    const action = this.#text('do');
    const state = STATES[action];
    if (state !== undefined) return { kind: 'state', who: this.#who(), state };
    const what = POST_ACTIONS[action];
    if (what !== undefined) return { kind: 'posts', who: this.#who(), share: this.#share(1), what };
    switch (action) {
      case 'rename': {
        const to = this.#text('to');
        if (!/^\w{1,15}$/.test(to)) throw this.#fault('"to" must be 1 to 15 letters, digits and underscores');
        return { kind: 'rename', account: this.#text('account'), to };
      }
      case 'withhold-posts': {
        const what = { withholdIn: this.#countries() };
        return { kind: 'posts', who: this.#who(), share: this.#share(1), what };
      }
      case 'withhold':
        return { kind: 'withhold', who: this.#who(), countries: this.#countries() };
      case 'scrub-geo':
        return { kind: 'scrub-geo', who: this.#who() };
      case 'burst': {
        const tag = this.#text('tag');
        if (!/^[\p{L}\p{N}_]+$/u.test(tag))
          throw this.#fault('"tag" must be letters, digits and underscores, without #');
        return { kind: 'burst', forMs: this.#duration('for'), tag, share: this.#share(0.3) };
      }
      case 'outage':
        return { kind: 'outage', forMs: this.#duration('for'), cut: this.#flag('cut', true) };
      default:
        throw this.#fault(`"do" must be one of ${ACTIONS.join(', ')}`);
    }
  }

  #who(): Who {
    this.#used.add('account').add('accounts');
    const several = this.#event['accounts'];
    if (several === undefined) return { account: this.#text('account') };
    if (!isObject(several)) throw this.#fault('"accounts" must be {"from":N,"count":N}');
    const { from, count } = several;
    if (!isCount(from) || !isCount(count)) throw this.#fault('"accounts" must be {"from":N,"count":N}');
    return { from, count };
  }

  #instant(startAt: number): number {
    const at = this.#text('at');
    if (at.startsWith('+')) return this.#milliseconds('at', at.slice(1));
    const instant = at.endsWith('Z') ? Date.parse(at) : Number.NaN;
    if (Number.isNaN(instant))
      throw this.#fault('"at" must be an instant in UTC such as 2026-11-22T13:10:00Z, or "+10m"');
    return instant - startAt;
  }

  #duration(name: string): number {
    return this.#milliseconds(name, this.#text(name));
  }

  #milliseconds(name: string, text: string): number {
    const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text) ?? [];
    const ms = Number(number) * (UNITS_MS[unit] ?? Number.NaN);
    if (Number.isNaN(ms)) throw this.#fault(`"${name}" must be a duration such as 90s, 10m, 2h or 3d`);
    return ms;
  }

  #share(otherwise: number): number {
    this.#used.add('share');
    const share = this.#event['share'] ?? otherwise;
    if (typeof share === 'number' && share >= 0 && share <= 1) return share;
    throw this.#fault('"share" must be a number from 0 to 1');
  }

  #countries(): string[] {
    this.#used.add('countries');
    const countries = this.#event['countries'];
    const isList = Array.isArray(countries) && countries.length > 0;
    if (isList && countries.every((code) => typeof code === 'string' && /^[A-Z]{2}$/.test(code))) return countries;
    throw this.#fault('"countries" must be a list of codes such as ["DE","FR"]');
  }

  #flag(name: string, otherwise: boolean): boolean {
    this.#used.add(name);
    const value = this.#event[name] ?? otherwise;
    if (typeof value === 'boolean') return value;
    throw this.#fault(`"${name}" must be true or false`);
  }

  #text(name: string): string {
    this.#used.add(name);
    const value = this.#event[name];
    if (typeof value === 'string' && value !== '') return value;
    throw this.#fault(`"${name}" is missing, or no text`);
  }

  #fault(what: string): ScenarioError {
    return new ScenarioError(`event ${this.#nth} of the scenario: ${what}.`);
  }
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
