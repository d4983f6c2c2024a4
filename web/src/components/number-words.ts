/** Numbers as people type them. Nothing that was typed is left out or altered: what is no number is said to be none. */

export type NumberBounds = {
  least: number;
  most: number;
  /** How many digits may stand behind the point; 0: whole numbers. */
  decimals: number;
};

const NUMBER = /^[+-]?(?:\d+(?:\.(\d*))?|\.(\d+))$/;

/** The number, or in a few words why it will not do; undefined for an empty field. */
export function readNumber(
  text: string,
  { least, most, decimals }: NumberBounds,
): { value: number } | { problem: string } | undefined {
  const typed = text.trim();
  if (typed === '') return undefined;
  const parts = NUMBER.exec(typed.replace('−', '-'));
  const bounds = `${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`;
  if (parts === null) return { problem: `This is no number. Write it like ${decimals === 0 ? '12' : '12.5'}.` };
  if ((parts[1] ?? parts[2] ?? '').length > decimals)
    return { problem: decimals === 0 ? 'A whole number, please.' : `At most ${decimals} digits behind the point.` };
  const value = Number(parts[0]);
  return value < least || value > most ? { problem: `Must be ${bounds}.` } : { value };
}

/** The number that a field holds, where it holds one that will do. */
export function numberOf(text: string, bounds: NumberBounds): number | undefined {
  const read = readNumber(text, bounds);
  return read !== undefined && 'value' in read ? read.value : undefined;
}
