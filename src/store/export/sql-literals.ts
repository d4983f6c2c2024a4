/** Values within the text of a statement, for those statements that take no parameters. */
import pg from 'pg';

/** The text with each numbered parameter replaced by its value: text, numbers, and arrays of text. Throws on any other value and on a missing one. */
export function withLiterals(text: string, values: readonly unknown[]): string {
  return text.replaceAll(/\$([0-9]+)/g, (_, number: string) => literal(values[Number(number) - 1]));
}

function literal(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'string') return pg.escapeLiteral(value);
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    return pg.escapeLiteral(`{${value.map((each) => `"${each.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`);
  throw new TypeError(`No literal is made of ${typeof value}.`);
}
