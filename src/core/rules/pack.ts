/** Clauses of all collections of a credential onto the platform's rules: few, stable, none lost. */
import { createHash } from 'node:crypto';
import { type Clause, ruleValue } from './compile.ts';
import { type RuleLimits, spareRules } from './limits.ts';

/** A rule as it stands at the platform: `tag` is ours and says by its digest what the rule is; `clauses` are their keys. */
export type StreamRule = { tag: string; value: string; clauses: string[] };

/**
 * `packed`: `rules` are all that shall be there; those of them that are not present yet are `added`, present ones that shall not be are
 * `removed`. `over`: the clauses that do not fit, and how many rules all of them would need.
 */
export type Packing =
  | { kind: 'packed'; rules: StreamRule[]; added: StreamRule[]; removed: StreamRule[] }
  | { kind: 'over'; needed: number; allowed: number; unplaced: string[] };

/** Half empty rules are taken apart when there is something to place. */
const SPARSE = 0.5;
/** So much of the rules' number may go to clauses with a rule of their own: the rest is room for shared ones, and for changing to these. */
const SINGLE = 0.75;

/**
 * While there is room, each clause has a rule of its own: then the platform itself says which of them found a post, and a change touches nothing
 * else. Beyond that, rules that are present and still wanted whole stay as they are; what is left over is packed into as few new ones as it
 * takes, with the emptiest present one taken along. Where that takes too many rules, everything is packed anew. The outcome depends on the
 * arguments alone.
 */
export function packClauses(options: {
  clauses: readonly Clause[];
  limits: Pick<RuleLimits, 'rules' | 'length'>;
  present: readonly StreamRule[];
  /** Before the digest; tells our rules, and those of this installation, from others. */
  tagPrefix: string;
}): Packing {
  const { clauses, limits, present, tagPrefix } = options;
  const allowed = limits.rules - spareRules(limits);
  const isRoomy = new Set(clauses.map(({ key }) => key)).size <= Math.floor(allowed * SINGLE);
  const byKey = new Map(clauses.map((clause) => [clause.key, isRoomy ? { ...clause, isAlone: true } : clause]));
  const kept = stillWanted(present, byKey);
  const placed = new Set(kept.flatMap((rule) => rule.clauses));
  const loose = [...byKey.values()].filter(({ key }) => !placed.has(key));
  const dissolved = emptiest(
    kept,
    byKey,
    limits.length,
    new Set(loose.filter((each) => !each.isAlone).map(({ suffix }) => suffix)),
  );
  const stay = kept.filter((rule) => !dissolved.has(rule));
  const again = [...dissolved].flatMap((rule) => rule.clauses.flatMap((key) => byKey.get(key) ?? []));
  let rules = [...stay, ...firstFit([...loose, ...again], limits.length, tagPrefix)];
  if (rules.length > allowed) rules = firstFit([...byKey.values()], limits.length, tagPrefix);
  if (rules.length > allowed) return over(rules, new Set(present.flatMap((rule) => rule.clauses)), allowed);
  const had = new Set(present.map(({ value }) => value));
  const wanted = new Set(rules.map(({ value }) => value));
  // Rules of the same text are the same rule at the platform, whatever their tag.
  const known = new Map(present.map((rule) => [rule.value, rule]));
  const whole = rules.map((rule) => known.get(rule.value) ?? rule).sort((a, b) => (a.value < b.value ? -1 : 1));
  return {
    kind: 'packed',
    rules: whole,
    added: whole.filter(({ value }) => !had.has(value)),
    removed: present.filter(({ value }) => !wanted.has(value)),
  };
}

/** The tag of a rule: what it says is its name. */
export function ruleTag(prefix: string, value: string): string {
  return `${prefix}${createHash('sha256').update(value).digest('hex').slice(0, 16)}`;
}

/** Present rules of which every clause is wanted and not in an earlier one. */
function stillWanted(present: readonly StreamRule[], wanted: ReadonlyMap<string, Clause>): StreamRule[] {
  const taken = new Set<string>();
  return present
    .toSorted((a, b) => b.clauses.length - a.clauses.length || (a.value < b.value ? -1 : 1))
    .filter((rule) => {
      const isApart = rule.clauses.length > 1 && rule.clauses.some((key) => wanted.get(key)?.isAlone === true);
      const isWhole =
        rule.clauses.length > 0 && !isApart && rule.clauses.every((key) => wanted.has(key) && !taken.has(key));
      if (isWhole) for (const key of rule.clauses) taken.add(key);
      return isWhole;
    });
}

/** Of each suffix that gets new clauses, the present rule with the most room, if it is half empty. */
function emptiest(
  kept: readonly StreamRule[],
  byKey: ReadonlyMap<string, Clause>,
  length: number,
  suffixes: ReadonlySet<string>,
): Set<StreamRule> {
  const found = new Map<string, StreamRule>();
  for (const rule of kept) {
    const clause = byKey.get(rule.clauses[0] ?? '');
    if (clause === undefined || clause.isAlone || !suffixes.has(clause.suffix)) continue;
    if (rule.value.length > length * SPARSE) continue;
    const other = found.get(clause.suffix);
    if (other === undefined || rule.value.length < other.value.length) found.set(clause.suffix, rule);
  }
  return new Set(found.values());
}

/** The longest first, each into the first rule that has room for it. */
function firstFit(clauses: readonly Clause[], length: number, prefix: string): StreamRule[] {
  const bins = new Map<string, { bodies: Clause[]; length: number }[]>();
  const sorted = clauses.toSorted((a, b) => b.body.length - a.body.length || (a.key < b.key ? -1 : 1));
  for (const clause of sorted) {
    const group = clause.isAlone ? `alone ${clause.key}` : `shared ${clause.suffix}`;
    const open = bins.get(group) ?? [];
    bins.set(group, open);
    const room = open.find((bin) => bin.length + ' OR '.length + clause.body.length <= length);
    if (room === undefined) open.push({ bodies: [clause], length: overhead(clause.suffix) + clause.body.length });
    else {
      room.bodies.push(clause);
      room.length += ' OR '.length + clause.body.length;
    }
  }
  return [...bins.values()].flat().map(({ bodies }) => {
    const ordered = bodies.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const value = ruleValue(
      ordered.map(({ body }) => body),
      ordered[0]?.suffix ?? '',
    );
    return { tag: ruleTag(prefix, value), value, clauses: ordered.map(({ key }) => key) };
  });
}

/** Parentheses, a space and the suffix. */
function overhead(suffix: string): number {
  return suffix === '' ? 0 : 3 + suffix.length;
}

/** What was there before goes first; the rest is named as what does not fit. */
function over(rules: readonly StreamRule[], had: ReadonlySet<string>, allowed: number): Packing {
  const known = (rule: StreamRule) => rule.clauses.filter((key) => had.has(key)).length / rule.clauses.length;
  const inOrder = rules.toSorted((a, b) => known(b) - known(a) || (a.value < b.value ? -1 : 1));
  const unplaced = inOrder.slice(allowed).flatMap((rule) => rule.clauses);
  return { kind: 'over', needed: rules.length, allowed, unplaced };
}
