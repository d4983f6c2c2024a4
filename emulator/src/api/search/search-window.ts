import { minuteOf, type Parameters } from '../parameters.ts';
import type { ParameterError } from '../problems.ts';
import { boundAt } from '../time-bounds.ts';
import type { Choices } from '../../uncertain/choices.ts';
import { postId, postTime } from '../../world/ids.ts';
import { type PostTime, startOf } from '../../world/model.ts';

const SECOND_MS = 1000;
export const DAY_MS = 86_400_000;
/** How far `recent` looks back. */
const WEEK_MS = 7 * DAY_MS;
/** How far back the archive looks when nothing is said of a beginning. */
const MONTH_MS = 30 * DAY_MS;
/** Nothing younger can be asked for. */
const LAG_MS = 10 * SECOND_MS;
/** The platform's first post. */
const ARCHIVE_START = Date.UTC(2006, 2, 21);

export interface WindowRules {
  /** Instant of the request, Unix ms of the world. */
  readonly now: number;
  readonly reach: 'recent' | 'all';
  /** How long before the request a window ends that no end was given for. */
  readonly lagMs: number;
  /** Whether a beginning that wasn't given is moved to the beginning of its day. */
  readonly wholeDays: boolean;
  readonly choices: Choices;
}

/** Which posts are asked for: what is between two exclusive bounds, and the same as instants (Unix ms, whole seconds, half-open). */
export interface SearchWindow {
  readonly after: PostTime;
  readonly before: PostTime;
  readonly start: number;
  readonly end: number;
}

/** Reads `start_time`, `end_time`, `since_id` and `until_id`; faults are in the platform's words, all at once. */
export function readWindow(parameters: Parameters, rules: WindowRules): SearchWindow | ParameterError[] {
  const errors = [...mixed(parameters), ...badInstants(parameters, rules), ...badIds(parameters, rules)];
  if (errors.length > 0) return errors;
  const since = idOf(parameters, 'since_id');
  const until = idOf(parameters, 'until_id');
  const givenEnd = boundOf(parameters, 'end_time', rules);
  // The second in which the last post lies belongs to the window.
  const end = givenEnd ?? (until && floor(until.at) + SECOND_MS) ?? floor(rules.now - rules.lagMs);
  const start = boundOf(parameters, 'start_time', rules) ?? (since && floor(since.at)) ?? startBefore(end, rules);
  const after = since ?? startOf(start);
  const before = until ?? startOf(end);
  // Ids from the future, and the like: nothing can be there.
  return { after, before, start: Math.min(start, end), end };
}

function startBefore(end: number, { now, reach, wholeDays, lagMs }: WindowRules): number {
  if (reach === 'recent') return floor(now - lagMs) - WEEK_MS;
  const start = Math.max(ARCHIVE_START, end - MONTH_MS);
  return wholeDays ? Math.floor(start / DAY_MS) * DAY_MS : start;
}

/** Ids and instants exclude each other. */
function mixed(parameters: Parameters): ParameterError[] {
  const ids = named(parameters, 'since_id', 'until_id');
  const instants = named(parameters, 'start_time', 'end_time');
  if (ids.length === 0 || instants.length === 0) return [];
  const message = "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.";
  return [{ parameters: Object.fromEntries([...ids, ...instants]), message }];
}

type TimeParameter = 'start_time' | 'end_time';
type IdParameter = 'since_id' | 'until_id';

function named(parameters: Parameters, ...names: (TimeParameter | IdParameter)[]): [string, string[]][] {
  return names.flatMap((name): [string, string[]][] => {
    if (name === 'since_id' || name === 'until_id') {
      const id = parameters.text(name);
      return id === undefined ? [] : [[name, [id]]];
    }
    const at = parameters.instant(name);
    return at === undefined ? [] : [[name, [minuteOf(at)]]];
  });
}

function badInstants(parameters: Parameters, rules: WindowRules): ParameterError[] {
  const oldest = oldestOf(rules);
  const errors: ParameterError[] = [];
  const complain = (name: TimeParameter, at: number, words: string): void => {
    const value = minuteOf(at);
    errors.push({ parameters: { [name]: [value] }, message: `Invalid '${name}':'${value}'. '${name}' ${words}` });
  };
  for (const name of ['start_time', 'end_time'] as const) {
    const at = parameters.instant(name);
    if (at === undefined) continue;
    if (at < oldest) complain(name, at, `must be on or after ${minuteOf(oldest)}`);
    else if (at > rules.now - LAG_MS) complain(name, at, 'must be a minimum of 10 seconds prior to the request time.');
  }
  const start = parameters.instant('start_time');
  const end = parameters.instant('end_time');
  if (errors.length === 0 && start !== undefined && end !== undefined && floor(start) >= floor(end)) {
    complain('start_time', start, "must be before 'end_time'");
  }
  return errors;
}

function badIds(parameters: Parameters, rules: WindowRules): ParameterError[] {
  const oldest = oldestOf(rules);
  return (['since_id', 'until_id'] as const).flatMap((name): ParameterError[] => {
    const id = parameters.text(name);
    if (id === undefined) return [];
    const time = postTime(id);
    const told = { [name]: [id] };
    if (time === undefined) {
      return [{ parameters: told, message: `The \`${name}\` query parameter value [${id}] is not valid` }];
    }
    // Ids from before 2010 have no time in them.
    if (rules.reach === 'all' || time.at >= oldest) return [];
    const least = postId({ at: oldest, slot: 0 });
    const message = `'${name}' must be a tweet id created after ${minuteOf(oldest)}. Please use a '${name}' that is larger than ${least}`;
    return [{ parameters: told, message }];
  });
}

function oldestOf({ now, reach }: WindowRules): number {
  return reach === 'all' ? ARCHIVE_START : now - WEEK_MS;
}

function idOf(parameters: Parameters, name: IdParameter): PostTime | undefined {
  const id = parameters.text(name);
  return id === undefined ? undefined : postTime(id);
}

function boundOf(parameters: Parameters, name: TimeParameter, { choices }: WindowRules): number | undefined {
  const at = parameters.instant(name);
  return at === undefined ? undefined : boundAt(name, floor(at), choices);
}

function floor(at: number): number {
  return Math.floor(at / SECOND_MS) * SECOND_MS;
}
