import type { Vocabulary } from './vocabulary.ts';
import { type Choices, DEFAULT_CHOICES } from '../uncertain/choices.ts';

/** How v2 answers are worded: the set of names, and what is done at uncertain points. */
export interface Wording {
  readonly vocabulary: Vocabulary;
  readonly choices: Choices;
}

export const USUAL_WORDING: Wording = { vocabulary: '2.166', choices: DEFAULT_CHOICES };

const HALF_HOUR_MS = 1_800_000;
const HOSTS = /^https:\/\/api\.(?:twitter|x)\.com(?=\/2\/problems\/)/;

/** The host that types of problems are given with. */
export function problemHost({ vocabulary, choices }: Wording): string {
  const chosen = choices['problem-host'];
  if (chosen !== 'vocabulary') return chosen;
  return vocabulary === '2.166' ? 'api.twitter.com' : 'api.x.com';
}

/**
 * Puts a body (plain objects, lists, strings, numbers), which has the names of its vocabulary already, into the form that was
 * chosen at uncertain points. Undefined when there is nothing to change, as is usual.
 */
export function reshaper(wording: Wording): ((body: unknown) => unknown) | undefined {
  const { choices } = wording;
  const changes = new Map<string, Change>();
  if (choices['problem-host'] !== 'vocabulary') changes.set('type', hostChange(`https://${choices['problem-host']}`));
  if (choices['source-field'] === 'absent') changes.set('source', () => undefined);
  if (choices['edits-remaining'] === 'text') changes.set('edits_remaining', String);
  if (choices['edit-window'] === 'half-hour') changes.set('editable_until', halfAnHourEarlier);
  if (choices['post-metrics'] === 'four') changes.set('public_metrics', fourMetrics);
  if (choices['note-entities'] === 'absent') {
    for (const key of ['note_tweet', 'note_post']) changes.set(key, (note) => without(note, ['entities']));
  }
  return changes.size === 0 ? undefined : (body) => reshaped(body, changes);
}

/** The new value of a member; undefined leaves it out. */
type Change = (value: unknown) => unknown;

function reshaped(value: unknown, changes: ReadonlyMap<string, Change>): unknown {
  if (Array.isArray(value)) return value.map((item) => reshaped(item, changes));
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const change = changes.get(key);
    const changed = change === undefined ? reshaped(inner, changes) : change(inner);
    if (changed !== undefined) result[key] = changed;
  }
  return result;
}

function hostChange(origin: string): Change {
  return (type) => (typeof type === 'string' ? type.replace(HOSTS, origin) : type);
}

function halfAnHourEarlier(until: unknown): unknown {
  return typeof until === 'string' ? new Date(Date.parse(until) - HALF_HOUR_MS).toISOString() : until;
}

/** Accounts have metrics of that name, too, but neither of these. */
function fourMetrics(metrics: unknown): unknown {
  return without(metrics, ['bookmark_count', 'impression_count']);
}

function without(value: unknown, keys: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}
