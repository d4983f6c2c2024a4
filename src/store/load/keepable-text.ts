/** Text as PostgreSQL takes it: without U+0000 and lone surrogates. What had to be changed is noted, the payload has the rest. */

/** Returns the text with U+FFFD for whatever cannot be stored, and adds the column to `altered` when there was any. */
export function keepableText(text: string | undefined, column: string, altered: string[]): string | undefined {
  if (text === undefined) return undefined;
  const nul = text.includes('\u0000');
  if (!nul && text.isWellFormed()) return text;
  altered.push(column);
  return (nul ? text.replaceAll('\u0000', '\uFFFD') : text).toWellFormed();
}

/** An ISO 8601 instant in ms; undefined, and the column noted as altered, for a text that is none. */
export function keepableInstant(text: string | undefined, column: string, altered: string[]): number | undefined {
  if (text === undefined) return undefined;
  const ms = ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  altered.push(column);
  return undefined;
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
