/** What a child process tells the supervisor over its channel. */
import type { ErrorCode } from '../../core/errors.ts';

/** `ready`: it works; the server says where, and what to know of that. `failed`: why it ends, before it ends. `restart`: a person wants that role started anew.
 * `said`: a sentence for the terminal. */
export type ChildMessage =
  | { kind: 'ready'; address?: string; setupCode?: string; hints?: string[] }
  | { kind: 'failed'; code: ErrorCode; sentence: string }
  | { kind: 'restart'; role: string }
  | { kind: 'said'; sentence: string };

/** Failures that a restart cannot mend: they end the whole with their sentence. */
export const FATAL_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'usage.invalid',
  'config.invalid',
  'port.in-use',
  'home.newer',
  'home.unusable',
  'database.newer',
  'database.unusable',
]);

export function isChildMessage(value: unknown): value is ChildMessage {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
