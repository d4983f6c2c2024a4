import type { JobOrder } from './compliance-jobs.ts';
import { invalidRequest, type Problem } from '../problems.ts';

const MOST_NAME_CHARS = 64;
const KEYS: ReadonlySet<string> = new Set(['type', 'name', 'resumable']);

/** Reads the body of `POST /2/compliance/jobs`. Faults are in the words of the platform's schema check, all at once. */
export function readJobOrder(body: string): JobOrder | Problem {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The one who asked is told.
    return refused(['The request body is not valid JSON.']);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused([`$: ${kindOf(value)} found, object expected`]);
  }
  const { type, name, resumable } = value as Record<string, unknown>;
  const faults = Object.keys(value)
    .filter((key) => !KEYS.has(key))
    .map((key) => `$.${key}: is not defined in the schema and the schema does not allow additional properties`);
  if (type === undefined) faults.push('$.type: is missing but it is required');
  else if (type !== 'tweets' && type !== 'users')
    faults.push('$.type: does not have a value in the enumeration [tweets, users]');
  if (name !== undefined && typeof name !== 'string') faults.push(`$.name: ${kindOf(name)} found, string expected`);
  if (typeof name === 'string' && name.length > MOST_NAME_CHARS) {
    faults.push(`$.name: may only be ${MOST_NAME_CHARS} characters long`);
  }
  if (resumable !== undefined && typeof resumable !== 'boolean') {
    faults.push(`$.resumable: ${kindOf(resumable)} found, boolean expected`);
  }
  if (faults.length > 0 || (type !== 'tweets' && type !== 'users')) return refused(faults);
  return { type, name: typeof name === 'string' ? name : undefined, resumable: resumable === true };
}

function refused(messages: readonly string[]): Problem {
  return invalidRequest(messages.map((message) => ({ parameters: {}, message })));
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
