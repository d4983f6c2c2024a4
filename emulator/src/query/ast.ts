/** A query, parsed. In normal form: `and` and `or` have two or more parts, and never one of their own kind. */
export type QueryNode = AndNode | OrNode | Clause;

export interface AndNode {
  readonly kind: 'and';
  readonly parts: readonly (OrNode | Clause)[];
}

export interface OrNode {
  readonly kind: 'or';
  readonly parts: readonly (AndNode | Clause)[];
}

/** One operator, word or phrase, perhaps negated. `position`: where it begins, its `-` included, counted from 1. */
export interface Clause {
  readonly kind: 'clause';
  readonly negated: boolean;
  readonly term: Term;
  readonly position: number;
}

export type Term =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'phrase'; readonly text: string }
  | { readonly kind: 'near'; readonly text: string; readonly distance: number }
  | { readonly kind: 'hashtag' | 'mention' | 'cashtag'; readonly name: string }
  | { readonly kind: 'operator'; readonly name: string; readonly value: OperatorValue };

/** Longitudes and latitudes in degrees; ranges hold both ends, `to` may be Infinity. */
export type OperatorValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'circle';
      readonly center: readonly [number, number];
      readonly radius: number;
      readonly unit: 'km' | 'mi';
    }
  | { readonly kind: 'box'; readonly box: Box };

/** West, south, east, north. */
export type Box = readonly [number, number, number, number];

/** Joins parts into normal form. One part stays what it is. */
export function conjunction(parts: readonly QueryNode[]): QueryNode {
  const flat = parts.flatMap((part) => (part.kind === 'and' ? part.parts : [part]));
  return flat.length === 1 && flat[0] !== undefined ? flat[0] : { kind: 'and', parts: flat };
}

/** Likewise for OR. */
export function disjunction(parts: readonly QueryNode[]): QueryNode {
  const flat = parts.flatMap((part) => (part.kind === 'or' ? part.parts : [part]));
  return flat.length === 1 && flat[0] !== undefined ? flat[0] : { kind: 'or', parts: flat };
}

/** All clauses, from left to right. */
export function* clausesOf(node: QueryNode): Generator<Clause> {
  if (node.kind === 'clause') yield node;
  else for (const part of node.parts) yield* clausesOf(part);
}

/** Where a node begins, counted from 1. */
export function positionOf(node: QueryNode): number {
  let first: QueryNode = node;
  while (first.kind !== 'clause') {
    const next: QueryNode | undefined = first.parts[0];
    if (next === undefined) return 1;
    first = next;
  }
  return first.position;
}
