import {
  FAULT_KINDS,
  type FaultKind,
  type FaultOrder,
  isRefusal,
  type RandomFaultOrder,
  type StreamFaultKind,
} from './fault.ts';

export type AnyFaultOrder = FaultOrder | RandomFaultOrder;

const MOST_AT_ONCE = 1000;
const MOST_LINES_SHUFFLED = 1000;
const LONGEST_MS = 3_600_000;
const DEFAULT_EVERY = 100;
/** A random plan goes on for as long as anybody will look. */
const WITHOUT_END = 1_000_000;

/** What a body was found wanting; the message is a sentence for the one who asked. */
class Complaint extends Error {}

/** Reads the body of `POST /_emulator/faults`: a fault, or `{"faults":[…]}`. The complaint is a sentence. */
export function parseFaultOrders(
  body: string,
): { ok: true; orders: readonly AnyFaultOrder[]; isList: boolean } | { ok: false; complaint: string } {
  try {
    const value = parseObject(body);
    if (!('faults' in value)) return { ok: true, orders: [readOrder(value)], isList: false };
    const { faults, ...rest } = value;
    refuseOthers(rest, 'a list has only faults');
    if (!Array.isArray(faults) || faults.length === 0 || faults.length > MOST_AT_ONCE) {
      throw new Complaint(`"faults" must be a list of 1 to ${MOST_AT_ONCE} faults.`);
    }
    return { ok: true, orders: faults.map(readOrder), isList: true };
  } catch (error) {
    if (error instanceof Complaint) return { ok: false, complaint: error.message };
    throw error;
  }
}

function parseObject(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new Complaint(`The body isn't JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  return objectOr(value, 'The body must be a JSON object.');
}

function readOrder(value: unknown): AnyFaultOrder {
  const given = objectOr(value, 'Each fault must be a JSON object.');
  if (given['kind'] === 'random') return readRandom(given);
  const { kind, after = 0, count = 1, connection, path, window, forMs, ...rest } = given;
  refuseOthers(rest, 'a fault has kind, after, count, connection, path, window and forMs');
  const known = knownKind(kind, [...FAULT_KINDS, 'random']);
  if (window !== undefined && known !== 'out-of-order') throw new Complaint('Only out-of-order has a "window".');
  if (forMs !== undefined && known !== 'drip' && known !== 'half-open') {
    throw new Complaint('Only drip and half-open have "forMs".');
  }
  if (connection !== undefined && isRefusal(known)) {
    throw new Complaint(`"connection" is nothing for ${known}: what is refused never becomes a connection.`);
  }
  return {
    kind: known,
    after: wholeNumber('after', after, 0),
    count: wholeNumber('count', count, 1),
    ...target(connection, path),
    ...(window !== undefined && { window: wholeNumber('window', window, 2, MOST_LINES_SHUFFLED) }),
    ...(forMs !== undefined && { forMs: wholeNumber('forMs', forMs, 1, LONGEST_MS) }),
  };
}

function readRandom(given: Record<string, unknown>): RandomFaultOrder {
  const {
    kind: _,
    seed = 0,
    every = DEFAULT_EVERY,
    kinds,
    after = 0,
    count = WITHOUT_END,
    connection,
    path,
    ...rest
  } = given;
  refuseOthers(rest, 'a random plan has kind, seed, every, kinds, after, count, connection and path');
  if (kinds !== undefined && (!Array.isArray(kinds) || kinds.length === 0)) {
    throw new Complaint('"kinds" must be a list of kinds.');
  }
  const allowed = FAULT_KINDS.filter((kind): kind is StreamFaultKind => !isRefusal(kind));
  return {
    kind: 'random',
    seed: wholeNumber('seed', seed, 0),
    every: wholeNumber('every', every, 1),
    kinds: kinds === undefined ? allowed : kinds.map((kind: unknown) => knownKind(kind, allowed)),
    after: wholeNumber('after', after, 0),
    count: wholeNumber('count', count, 1),
    ...target(connection, path),
  };
}

function target(connection: unknown, path: unknown): { connection?: string; path?: string } {
  if (connection !== undefined && (typeof connection !== 'string' || !/^[1-9]\d{0,9}$/.test(connection))) {
    throw new Complaint(
      `"connection" must be an id of /_emulator/truth, as a string; it is ${JSON.stringify(connection)}.`,
    );
  }
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/'))) {
    throw new Complaint(`"path" must be the path of an endpoint; it is ${JSON.stringify(path)}.`);
  }
  return { ...(connection !== undefined && { connection }), ...(path !== undefined && { path }) };
}

function knownKind<K extends FaultKind>(kind: unknown, allowed: readonly (K | 'random')[]): K {
  const known = allowed.find((candidate) => candidate === kind);
  if (known !== undefined && known !== 'random') return known;
  throw new Complaint(`"kind" must be one of ${allowed.join(', ')}; it is ${JSON.stringify(kind)}.`);
}

function wholeNumber(name: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new Complaint(`"${name}" must be a whole number ${bounds}; it is ${JSON.stringify(value)}.`);
}

function refuseOthers(rest: Record<string, unknown>, known: string): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Complaint(`Unknown key "${unknown}"; ${known}.`);
}

function objectOr(value: unknown, complaint: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Complaint(complaint);
  return value as Record<string, unknown>;
}
