interface RawJson {
  rawJSON(text: string): unknown;
}

/**
 * A 64-bit id that JSON.stringify writes as a number with all its digits: v1.1 sends ids as numbers, which beyond 2^53 no
 * JavaScript number holds.
 * @param decimal digits, perhaps with a sign
 */
export function exactNumber(decimal: string): unknown {
  // TypeScript's libraries don't know it yet.
  return (JSON as unknown as RawJson).rawJSON(decimal);
}

/** `id` and `id_str` of anything, in this order. */
export function bothIds(id: string): { id: unknown; id_str: string } {
  return { id: exactNumber(id), id_str: id };
}
