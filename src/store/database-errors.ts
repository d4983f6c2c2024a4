/** What PostgreSQL's and the socket's errors mean for whoever retries. */
import { causeText } from '../core/errors.ts';

/** `away`: ask again later. `conflict`: repeat at once. `refused`: this data will never be taken. `fault`: ours to mend. */
export type DatabaseFailure = 'away' | 'conflict' | 'refused' | 'fault';

const SOCKET_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'ECONNABORTED'],
]);
/** The driver says these without a code. */
const DRIVER_TEXTS =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client (has encountered|was closed))/;

/** Classes of SQLSTATE: 08 connection, 53 out of disk, memory or connections, 57P shutting down or starting, 25006 read-only. */
export function classifyDatabaseError(error: unknown): DatabaseFailure {
  const code = errorCode(error);
  if (code === 'database.unreachable' || SOCKET_CODES.has(code) || DRIVER_TEXTS.test(causeText(error))) return 'away';
  if (/^(08|53)/.test(code) || /^57P0[1-5]$/.test(code) || code === '25006') return 'away';
  if (code === '40001' || code === '40P01' || code === '55P03') return 'conflict';
  // 22 data exception, 54 program limit exceeded (such as JSON nested too deeply), 23502 and 23514 constraints on the row alone
  if (/^(22|54)/.test(code) || code === '23502' || code === '23514') return 'refused';
  return 'fault';
}

/** What a person reads of an error that is `away`: whether nobody answers, or a server answers that it cannot for now, and with which words. */
export function awaySentence(error: unknown, address: string): string {
  const code = errorCode(error);
  if (code === '53300')
    return `PostgreSQL at ${address} has no connection left (53300). Give it more (max_connections).`;
  if (code.startsWith('53') || code === '25006')
    return `PostgreSQL at ${address} cannot go on: ${causeText(error)} (${code}). Once its machine can again, all goes on by itself.`;
  return `PostgreSQL at ${address} does not answer (${code || causeText(error)}). Start it or correct MISTNET_DATABASE_URL.`;
}

/** The SQLSTATE, the socket's code or our own; an empty text when there is none. */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
