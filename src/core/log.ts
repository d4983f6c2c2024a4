/** A log line is an event's name and its fields, never prose: it can be counted. No tokens, no post text, no e-mail addresses. */
export type Log = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, event: string) => void>;

/** For one-off commands and tests: says nothing. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
