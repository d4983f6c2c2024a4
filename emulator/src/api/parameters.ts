import type { FieldList, Fields } from './field-names.ts';
import { invalidRequest, type ParameterError, type Problem } from './problems.ts';
import { oldName } from './vocabulary.ts';

/**
 * One parameter of an endpoint. `path`: it stands in the path and is only named in messages beside the others.
 * `fallback` is what `Parameters` gives when it was left out or left blank.
 */
export type ParameterRule = { readonly name: string; readonly path?: boolean; readonly required?: boolean } & (
  | { readonly kind: 'integer'; readonly least: number; readonly most: number; readonly fallback: number }
  /** A decimal id of 1 to 19 digits. */
  | { readonly kind: 'id' }
  | { readonly kind: 'ids'; readonly most: number }
  | { readonly kind: 'handle' }
  | { readonly kind: 'handles'; readonly most: number }
  /** An instant as RFC 3339 in UTC, at `notBefore` (Unix ms) or later. */
  | { readonly kind: 'instant'; readonly notBefore?: number }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly fallback: string }
  | { readonly kind: 'choices'; readonly values: readonly string[] }
  /** Free text; its owner checks it, as with tokens and queries. */
  | { readonly kind: 'text' }
);

const ID = /^[0-9]{1,19}$/;
const HANDLE = /^[A-Za-z0-9_]{1,15}$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Reads the parameters of one endpoint, as a table says. Make one per endpoint; reading builds nothing that it doesn't return. */
export class ParameterReader {
  readonly #rules = new Map<string, ParameterRule>();
  readonly #pathRules: readonly ParameterRule[];
  readonly #lists = new Map<string, FieldList>();
  /** As messages list them. */
  readonly #names: string;

  /** @param rules in the order in which messages name them; field lists come last */
  constructor(rules: readonly ParameterRule[], lists: readonly FieldList[]) {
    for (const rule of rules) this.#rules.set(rule.name, rule);
    for (const list of lists) this.#lists.set(list.name, list);
    this.#pathRules = rules.filter(({ path }) => path === true);
    this.#names = [...rules.map(({ name }) => name), ...lists.map(({ shownName }) => shownName)].join(',');
  }

  /** The parameters, or the platform's 400 with every fault. Blank parameters count as left out. */
  read(query: URLSearchParams, path: Readonly<Record<string, string>> = {}): Parameters | Problem {
    const errors: ParameterError[] = [];
    const values = new Map<string, Value>();
    for (const rule of this.#pathRules) this.#readOne(rule, [path[rule.name] ?? ''], values, errors);
    for (const given of new Set(query.keys())) {
      const all = query.getAll(given);
      const list = this.#lists.get(oldName(given));
      const rule = this.#rules.get(given);
      if (list !== undefined) this.#readFields(list, given, all, values, errors);
      else if (rule !== undefined && rule.path !== true) this.#readOne(rule, all, values, errors);
      else errors.push({ parameters: { [given]: all }, message: this.#unknown(given) });
    }
    for (const { name, path: inPath, required } of this.#rules.values()) {
      if (required !== true || inPath === true || query.has(name)) continue;
      errors.push({ parameters: { [name]: [] }, message: `The \`${name}\` query parameter can not be empty` });
    }
    if (errors.length > 0) return invalidRequest(errors);
    return new Parameters(this.#rules, values);
  }

  #unknown(name: string): string {
    return `The query parameter [${name}] is not one of [${this.#names}]`;
  }

  #readFields(
    list: FieldList,
    given: string,
    all: readonly string[],
    values: Map<string, Value>,
    errors: ParameterError[],
  ): void {
    if (all.length > 1) errors.push({ parameters: { [given]: all }, message: duplicate(given) });
    const items = splitList(all[0] ?? '');
    const unknown = items.find((value) => !list.accepted.has(value));
    if (unknown !== undefined) {
      errors.push(wrong(given, all, unknown, `is not one of [${list.shown.join(',')}]`));
      return;
    }
    const known = values.get(list.name);
    const before = known instanceof Set ? known : undefined;
    // tweet.fields and post.fields may both be there.
    values.set(list.name, new Set([...(before ?? []), ...items.map((item) => oldName(item, list.name))]));
  }

  #readOne(rule: ParameterRule, all: readonly string[], values: Map<string, Value>, errors: ParameterError[]): void {
    const { name } = rule;
    if (all.length > 1) {
      errors.push({ parameters: { [name]: all }, message: duplicate(name) });
      return;
    }
    const [raw = ''] = all;
    if (raw === '') {
      if (rule.required !== true) return;
      errors.push({ parameters: { [name]: all }, message: `The \`${name}\` query parameter can not be empty` });
      return;
    }
    const read = valueOf(rule, raw);
    if (typeof read !== 'object' || !('complaints' in read)) values.set(name, read);
    else for (const complaint of read.complaints) errors.push(complaintOf(name, raw, complaint));
  }
}

type Value = string | number | readonly string[] | ReadonlySet<string>;

/** What was given, read. Asking for a name that the endpoint's table hasn't got is a mistake of ours and throws. */
export class Parameters {
  readonly #rules: ReadonlyMap<string, ParameterRule>;
  readonly #values: ReadonlyMap<string, Value>;

  constructor(rules: ReadonlyMap<string, ParameterRule>, values: ReadonlyMap<string, Value>) {
    this.#rules = rules;
    this.#values = values;
  }

  /** An integer, or its fallback. */
  integer(name: string): number {
    const rule = this.#rule(name, 'integer');
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : rule.fallback;
  }

  /** A choice, or its fallback. */
  choice(name: string): string {
    const rule = this.#rule(name, 'choice');
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : rule.fallback;
  }

  /** Unix ms. */
  instant(name: string): number | undefined {
    this.#rule(name, 'instant');
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  /** An id, a handle or free text. */
  text(name: string): string | undefined {
    this.#rule(name, 'id', 'handle', 'text');
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** Ids, handles or choices in the order given, each once; empty when left out. */
  list(name: string): readonly string[] {
    this.#rule(name, 'ids', 'handles', 'choices');
    const value = this.#values.get(name);
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }

  /** What is to be shown, in the words of 2.166. */
  get fields(): Fields {
    return {
      tweet: this.#set('tweet.fields'),
      user: this.#set('user.fields'),
      media: this.#set('media.fields'),
      poll: this.#set('poll.fields'),
      place: this.#set('place.fields'),
      expansions: this.#set('expansions'),
    };
  }

  #set(name: string): ReadonlySet<string> {
    const value = this.#values.get(name);
    return value instanceof Set ? (value as ReadonlySet<string>) : NOTHING;
  }

  #rule<K extends ParameterRule['kind']>(name: string, ...kinds: readonly K[]): Extract<ParameterRule, { kind: K }> {
    const rule = this.#rules.get(name);
    if (rule !== undefined && kinds.some((kind) => kind === rule.kind)) {
      return rule as Extract<ParameterRule, { kind: K }>;
    }
    throw new TypeError(`this endpoint has no ${kinds.join(' or ')} parameter ${name}`);
  }
}

const NOTHING: ReadonlySet<string> = new Set();

interface Refused {
  readonly complaints: readonly Complaint[];
}

/** What is wrong with a value: the end of the platform's sentence, or a whole one, with the value as it is shown. */
type Complaint =
  | { readonly value: string; readonly about: string }
  | { readonly value: string; readonly whole: string };

function valueOf(rule: ParameterRule, raw: string): Value | Refused {
  switch (rule.kind) {
    case 'integer': {
      const number = /^[+-]?\d{1,9}$/.test(raw) ? Number(raw) : Number.NaN;
      if (number >= rule.least && number <= rule.most) return number;
      return refused(raw, `is not between ${rule.least} and ${rule.most}`);
    }
    case 'id':
      return ID.test(raw) ? raw : refused(raw, 'is not valid');
    case 'ids':
      return listOf(rule.name, raw, rule.most, (item) => (ID.test(item) ? undefined : 'is not valid'));
    case 'handle':
      return HANDLE.test(raw) ? raw : refused(raw, `does not match ${HANDLE.source}`);
    case 'handles':
      return listOf(rule.name, raw, rule.most, (item) =>
        HANDLE.test(item) ? undefined : `does not match ${HANDLE.source}`,
      );
    case 'instant':
      return instantOf(rule, raw);
    case 'choice':
      if (rule.values.includes(raw)) return raw;
      return refused(raw, `is not one of [${rule.values.join(',')}]`);
    case 'choices':
      return listOf(rule.name, raw, rule.values.length, (item) =>
        rule.values.includes(item) ? undefined : `is not one of [${rule.values.join(',')}]`,
      );
    case 'text':
      return raw;
  }
}

function listOf(
  name: string,
  raw: string,
  most: number,
  complain: (item: string) => string | undefined,
): readonly string[] | Refused {
  const items = raw.split(',');
  if (items.length > most) {
    const whole = `The number of values in the \`${name}\` query parameter list [${items.length}] is not between 1 and ${most}`;
    return { complaints: [{ value: raw, whole }] };
  }
  const complaints = items.flatMap((value): Complaint[] => {
    const about = complain(value);
    return about === undefined ? [] : [{ value, about }];
  });
  return complaints.length > 0 ? { complaints } : [...new Set(items)];
}

function refused(value: string, about: string): Refused {
  return { complaints: [{ value, about }] };
}

function instantOf({ name, notBefore }: Extract<ParameterRule, { kind: 'instant' }>, raw: string): number | Refused {
  const [, day] = INSTANT.exec(raw) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(raw);
  // A day that the month hasn't got moves on into the next one.
  const isDay = day !== undefined && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true;
  if (Number.isNaN(at) || !isDay) return refused(raw, 'is not valid');
  if (notBefore === undefined || at >= notBefore) return at;
  const value = minuteOf(at);
  const whole = `Invalid '${name}':'${value}'. '${name}' must be on or after ${minuteOf(notBefore)}`;
  return { complaints: [{ value, whole }] };
}

/** `2010-11-06T00:00Z`, as the platform's messages show instants. */
export function minuteOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length)}Z`;
}

function complaintOf(name: string, raw: string, complaint: Complaint): ParameterError {
  if ('about' in complaint) return wrong(name, [raw], complaint.value, complaint.about);
  return { parameters: { [name]: [complaint.value] }, message: complaint.whole };
}

/** A fault in the platform's words: ``The `max_results` query parameter value [3] is not between 5 and 100``. */
export function wrong(name: string, raw: readonly string[], value: string, about: string): ParameterError {
  return { parameters: { [name]: raw }, message: `The \`${name}\` query parameter value [${value}] ${about}` };
}

function duplicate(name: string): string {
  return `Duplicate parameters are not allowed: the \`${name}\` query parameter`;
}

function splitList(raw: string): readonly string[] {
  return raw === '' ? [] : raw.split(',').filter((item) => item !== '');
}
