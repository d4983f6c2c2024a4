/** Looks up who the people of filters are: names become ids, which stay when names change. Those that nobody knows are asked again each day. */
import { causeText } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { FilterDefinition, Person } from '../../core/rules/definition.ts';
import type { Clock } from '../../core/time.ts';
import type { Asker } from '../../platforms/make-call.ts';
import type { Database } from '../../store/db.ts';
import { saveFilterVersion } from '../../store/filters/filter-collections.ts';
import { filtersWithUnknownPeople } from '../../store/filters/unknown-people.ts';
import { type AccountQuestions, lookUp } from '../accounts/look-up.ts';

const NAMES_A_CALL = 100;
const AGAIN_MS = 24 * 3_600_000;
const AFTER_TROUBLE_MS = 60_000;

export type PeopleWork = {
  db: Database;
  /** By the label of a credential. */
  askerOf: (credential: string) => Asker;
  questions: AccountQuestions;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
};

export class PeopleFinder {
  readonly #work: PeopleWork;
  /** When each name may be asked for again, ms. */
  readonly #notBefore = new Map<string, number>();

  constructor(work: PeopleWork) {
    this.#work = work;
  }

  /** Looks up the names that are new, and those that were unknown a day ago. A platform that does not answer is asked again in a minute. */
  async look(): Promise<void> {
    const { db, clock } = this.#work;
    const nowMs = clock.now();
    const filters = await filtersWithUnknownPeople(db);
    // A name is asked for once, with the credential of the first filter that has it.
    const names = new Map<string, Set<string>>();
    const asked = new Set<string>();
    for (const { credential, definition } of filters) {
      for (const name of unknownNames(definition)) {
        if (asked.has(name) || (this.#notBefore.get(name) ?? 0) > nowMs) continue;
        asked.add(name);
        names.set(credential, (names.get(credential) ?? new Set()).add(name));
      }
    }
    const known = new Map<string, string>();
    for (const [credential, some] of names)
      for (const [name, accountId] of await this.#ask(credential, [...some], nowMs)) known.set(name, accountId);
    if (known.size === 0) return;
    for (const { name, definition } of filters) await this.#save(name, definition, known);
  }

  async #ask(credential: string, names: string[], nowMs: number): Promise<Map<string, string>> {
    const { askerOf, questions, signal, log } = this.#work;
    const asker = askerOf(credential);
    const known = new Map<string, string>();
    for (let at = 0; at < names.length; at += NAMES_A_CALL) {
      const some = names.slice(at, at + NAMES_A_CALL);
      try {
        const looks = await lookUp(asker, questions, { handles: some }, signal);
        for (const name of some) {
          const look = looks.get(name);
          this.#notBefore.set(name, nowMs + AGAIN_MS);
          if (look !== undefined && 'accountId' in look) known.set(name, look.accountId);
        }
      } catch (error) {
        if (signal.aborted) throw error;
        for (const name of some) this.#notBefore.set(name, nowMs + AFTER_TROUBLE_MS);
        log.warn({ names: some.length, cause: causeText(error) }, 'people.unknown');
      }
    }
    return known;
  }

  async #save(collection: string, definition: FilterDefinition, known: ReadonlyMap<string, string>): Promise<void> {
    const found: string[] = [];
    const people = definition.people.map((person) => {
      const accountId = nameToAsk(person) === undefined ? undefined : known.get(nameToAsk(person) ?? '');
      if (accountId === undefined) return person;
      found.push(`@${person.name ?? ''} is ${accountId}`);
      return { ...person, accountId };
    });
    if (found.length === 0) return;
    const { db, clock, log } = this.#work;
    const reason = `Looked up: ${found.slice(0, 20).join(', ')}${found.length > 20 ? ` and ${found.length - 20} more` : ''}.`;
    const change = { definition: { ...definition, people }, by: 'mistnet', reason };
    try {
      await db.transaction((tx) => saveFilterVersion(tx, clock, collection, change));
      log.info({ collection, people: found.length }, 'people.found');
    } catch (error) {
      log.warn({ collection, cause: causeText(error) }, 'people.not-kept'); // it does not fit: shown when somebody changes the filter
    }
  }
}

function unknownNames({ people }: FilterDefinition): string[] {
  return people.flatMap((person) => nameToAsk(person) ?? []);
}

function nameToAsk({ name, accountId }: Person): string | undefined {
  if (accountId !== undefined || name === undefined) return undefined;
  const plain = name.replace(/^@/, '').toLowerCase();
  return /^[a-z0-9_]{1,15}$/.test(plain) ? plain : undefined;
}
