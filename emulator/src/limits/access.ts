import type { LevelLimits } from '../query/query-limits.ts';
import type { AccessLevel, AccessSettings } from './access-level.ts';
import { byLimitKey, limitKey, type LimitRow } from './limit-table.ts';

/** Of v1.1 these stayed with every level: signing in needs them. */
const EVERYONES = /^\/1\.1\/(oauth\/|application\/rate_limit_status|account\/verify_credentials)/;
const SAMPLES = /^\/2\/tweets\/(sample|sample10|firehose)\b/;

/** What this emulator's apps may do. Can change while it runs: read it at each call, keep nothing of it. */
export class Access {
  #settings: AccessSettings;
  #limits: ReadonlyMap<string, LimitRow>;

  constructor(settings: AccessSettings) {
    this.#settings = settings;
    this.#limits = byLimitKey(settings.limits);
  }

  get settings(): AccessSettings {
    return this.#settings;
  }

  change(settings: AccessSettings): void {
    this.#settings = settings;
    this.#limits = byLimitKey(settings.limits);
  }

  get level(): AccessLevel {
    return this.#settings.level;
  }

  /** Number of rules, lengths of rules and queries, refused operators. */
  get queries(): LevelLimits {
    return this.#settings.queries;
  }

  /** Whether streams take `backfill_minutes`, `start_time` and `end_time`. */
  get backfill(): boolean {
    return this.#settings.backfill;
  }

  /** How many streams of this endpoint an app may have open at once; Infinity: any number. */
  streamConnections(pattern: string): number {
    return SAMPLES.test(pattern) ? this.#settings.sampleConnections : this.#settings.streamConnections;
  }

  /** Whether the endpoint belongs to the level. */
  allows(method: string, pattern: string): boolean {
    if (EVERYONES.test(pattern)) return true;
    return !this.#settings.denied.some((entry) => fits(entry, method, pattern));
  }

  limitsOf(method: string, pattern: string): LimitRow | undefined {
    return this.#limits.get(limitKey(method, pattern));
  }
}

function fits(entry: string, method: string, pattern: string): boolean {
  const [entryMethod = '', path = ''] = entry.split(' ');
  if (entryMethod !== '*' && entryMethod !== method) return false;
  if (path.endsWith('*')) return pattern.startsWith(path.slice(0, -1));
  return limitKey('*', path) === limitKey('*', pattern);
}
