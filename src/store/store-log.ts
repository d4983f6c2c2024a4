/** What the store wants of a log: an event's name and its fields, as pino takes them. */
export type StoreLog = Record<'info' | 'warn' | 'error', (fields: object, event: string) => void>;
