import { POINTS } from './points.ts';

type Name = keyof typeof POINTS;

/** What the emulator does at each uncertain point. */
export type Choices = { readonly [N in Name]: (typeof POINTS)[N]['values'][number] };

/** A point or a value that there isn't; the message is a sentence that lists those there are. */
export class ChoiceError extends Error {}

export const POINT_NAMES = Object.keys(POINTS) as readonly Name[];

/** The first value of every point. */
export const DEFAULT_CHOICES: Choices = Object.fromEntries(
  POINT_NAMES.map((name) => [name, POINTS[name].values[0]]),
) as unknown as Choices;

/** Reads orders such as `duplicate-rule-status=201`; the last one of a name holds. Throws ChoiceError. */
export function readChoices(orders: readonly string[]): Partial<Choices> {
  return Object.fromEntries(orders.map(readOrder));
}

function readOrder(order: string): [Name, string] {
  const [, given = '', value = ''] = /^([^=]*)=(.*)$/s.exec(order) ?? [];
  if (given === '')
    throw new ChoiceError(`"${order}" is not of the form NAME=VALUE, such as duplicate-rule-status=201.`);
  const name = POINT_NAMES.find((known) => known === given);
  if (name === undefined)
    throw new ChoiceError(`"${given}" is not an uncertain point; these are: ${POINT_NAMES.join(', ')}.`);
  const values: readonly string[] = POINTS[name].values;
  if (!values.includes(value)) throw new ChoiceError(`${name} must be ${values.join(' or ')}; it is "${value}".`);
  return [name, value];
}
