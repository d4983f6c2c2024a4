/** JSON whose numbers keep their digits: ids beyond 2^53 are not rounded on the way in, nor `1.0` shortened on the way out. */

/** What `JSON.parse` gives to a reviver beside key and value since ES2025; TypeScript's library does not know of it yet. */
type Source = { source?: string };
type SourceReviver = (this: unknown, key: string, value: unknown, context: Source) => unknown;
type ExactJson = {
  parse(text: string, reviver: SourceReviver): unknown;
  rawJSON(text: string): unknown;
};

const exactJson = JSON as unknown as ExactJson;

/** Sixteen digits in a row outside of a name: only then an integer may be beyond 2^53. Digits within texts cost a slower parse, no more. */
const MAYBE_LONG_INTEGER = /[[:,]\s*-?\d{16}/;

/** Parses JSON; integers that a number cannot hold exactly become their digits as text. Throws SyntaxError as `JSON.parse` does. */
export function parseExact(text: string): unknown {
  if (!MAYBE_LONG_INTEGER.test(text)) return JSON.parse(text);
  return exactJson.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
      ? source
      : value,
  );
}

/** Parses JSON so that `JSON.stringify` writes each number as it stood in the source. For passing on, not for computing: such numbers are objects. */
export function parseToPassOn(text: string): unknown {
  return exactJson.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? exactJson.rawJSON(source) : value,
  );
}
