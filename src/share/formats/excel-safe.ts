/** Cells as Excel and its kin keep them: ids as text, nothing taken for a formula, nothing beyond what a cell holds. */

/** UTF-16 units of a cell. */
export const MAX_CELL_UNITS = 32_767;

/** What makes a spreadsheet take a text for a formula, fullwidth forms and what may stand before it included. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** A text that a spreadsheet shows as it is: an apostrophe stands before what would be a formula. */
export function guardFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** An id as a formula that gives its digits as text: all else is read as a number and rounded to 15 digits. */
export function idFormula(id: string): string {
  return /^[0-9]+$/.test(id) ? `="${id}"` : guardFormula(id);
}

/** The text, or as much of it as a cell holds, ending in how long it was; `at` is where it was cut. */
export function fitCell(text: string): { text: string; at?: number } {
  if (text.length <= MAX_CELL_UNITS) return { text };
  const mark = ` … [cut: the whole has ${text.length} characters]`;
  let at = MAX_CELL_UNITS - mark.length;
  if (/[\ud800-\udbff]/.test(text[at - 1] ?? '')) at--; // not within a pair
  return { text: text.slice(0, at) + mark, at };
}
