export const FAULT_KINDS = [
  'cut',
  'stall',
  'half-line',
  'disconnect',
  'http-429',
  'http-503',
  'duplicate',
  'malformed',
  'huge-line',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];
/** Faults that refuse a connect; all others strike an open stream. */
export type RefusalKind = Extract<FaultKind, `http-${string}`>;
export type StreamFaultKind = Exclude<FaultKind, RefusalKind>;

/** What was asked for: `after` lines (or connects) pass unharmed before each of `count` strikes. */
export interface FaultOrder {
  readonly kind: FaultKind;
  readonly after: number;
  readonly count: number;
}

export function isRefusal(kind: FaultKind): kind is RefusalKind {
  return kind.startsWith('http-');
}

/** Reads the body of `POST /_emulator/faults`; the complaint is a sentence for the one who asked. */
export function parseFaultOrder(body: string): { ok: true; order: FaultOrder } | { ok: false; complaint: string } {
  const no = (complaint: string) => ({ ok: false, complaint }) as const;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return no(`The body isn't JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return no('The body must be a JSON object.');
  const { kind, after = 0, count = 1, ...rest } = value as Record<string, unknown>;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) return no(`Unknown key "${unknown[0]}"; a fault has kind, after and count.`);
  const known = FAULT_KINDS.find((candidate) => candidate === kind);
  if (known === undefined) return no(`"kind" must be one of ${FAULT_KINDS.join(', ')}; it is ${JSON.stringify(kind)}.`);
  if (!isCount(after, 0)) return no(`"after" must be a whole number of at least 0; it is ${JSON.stringify(after)}.`);
  if (!isCount(count, 1)) return no(`"count" must be a whole number of at least 1; it is ${JSON.stringify(count)}.`);
  return { ok: true, order: { kind: known, after, count } };
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
