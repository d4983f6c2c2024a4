/** Rows in the order of whole numbers, digit by digit: needs no memory but a copy of the row numbers, and compares nothing. */

const DIGITS = 65_536;

/**
 * Sorts row numbers by `keyOf`, a whole number from 0 to `most` (below 2^53), least first; rows of the same key stay as they stand. So sorting
 * by the lesser of two keys and then by the greater one sorts by both.
 */
export function sortRows(rows: Uint32Array<ArrayBuffer>, keyOf: (row: number) => number, most: number): void {
  let from = rows;
  let to = new Uint32Array(rows.length);
  const ends = new Uint32Array(DIGITS);
  for (let unit = 1; unit <= most; unit *= DIGITS) {
    ends.fill(0);
    const digitOf = (row: number) => Math.floor(keyOf(row) / unit) % DIGITS;
    for (const row of from) {
      const digit = digitOf(row);
      ends[digit] = (ends[digit] as number) + 1;
    }
    for (let digit = 1; digit < DIGITS; digit++) ends[digit] = (ends[digit] as number) + (ends[digit - 1] as number);
    for (let at = from.length - 1; at >= 0; at--) {
      const row = from[at] as number;
      const digit = digitOf(row);
      const place = (ends[digit] as number) - 1;
      ends[digit] = place;
      to[place] = row;
    }
    [from, to] = [to, from];
  }
  if (from === rows) return;
  rows.set(from);
}
