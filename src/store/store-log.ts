/** What the store wants of a log. */
import type { Log } from '../core/log.ts';

export type StoreLog = Pick<Log, 'info' | 'warn' | 'error'>;
