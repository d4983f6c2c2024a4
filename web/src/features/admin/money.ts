/** Money in millionths of the platform's currency unit, as people read and write it. */

/** `$12.34`, `$0.005`: at least two decimals, as many more as it has. */
export function formatMoney(micros: number): string {
  const whole = Math.floor(Math.abs(micros) / 1e6).toLocaleString('en-US');
  const rest = String(Math.abs(Math.round(micros)) % 1e6).padStart(6, '0');
  return `${micros < 0 ? '-' : ''}$${whole}.${rest.slice(0, 2)}${rest.slice(2).replace(/0+$/, '')}`;
}

/** `1234.50`: as `parseMoney` reads it. */
export function writeMoney(micros: number): string {
  return formatMoney(micros).replaceAll(/[$,]/g, '');
}

/** Reads `12`, `12.5`, `$0.005` as millionths; undefined for anything else. */
export function parseMoney(text: string): number | undefined {
  const parts = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (parts === null) return undefined;
  return Number(parts[1]) * 1e6 + Number((parts[2] ?? '').padEnd(6, '0'));
}
