import { InvalidArgumentError } from 'commander';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `60s`, `5m`, `1h`, `250ms`, `2d` to milliseconds; throws what commander shows as wrong use. */
export function parseDuration(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const ms = Number(parts?.[1]) * (UNIT_MS[parts?.[2] ?? ''] ?? Number.NaN);
  if (!Number.isFinite(ms) || ms <= 0) throw new InvalidArgumentError('Write a time like 60s, 5m or 1h.');
  return ms;
}
