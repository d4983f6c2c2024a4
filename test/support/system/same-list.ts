import { expect } from 'vitest';

/** Two long lists must be equal, in order; a failure shows the first place where they differ and what only one of them has. */
export function expectSameList(actual: string[], expected: string[], what: string): void {
  const at = expected.findIndex((value, index) => actual[index] !== value);
  if (at === -1 && actual.length === expected.length) return;
  const wanted = new Set(expected);
  const had = new Set(actual);
  const difference = {
    counts: { actual: actual.length, expected: expected.length, repeated: actual.length - had.size },
    firstAt: at === -1 ? expected.length : at,
    missing: some(expected.filter((value) => !had.has(value))),
    unexpected: some(actual.filter((value) => !wanted.has(value))),
  };
  expect.fail(`${what} differ: ${JSON.stringify(difference, null, 2)}`);
}

function some(values: string[]): string[] {
  return values.slice(0, 5).map((value) => value.slice(0, 300));
}
