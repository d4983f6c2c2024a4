/** Neighbours of X's ids, for bounds that exclude or include: text in, text out. */
import { SNOWFLAKE_EPOCH_MS } from '../../../core/snowflake.ts';

/** The id before this one: an inclusive bound that leaves this one out. `0` for the first. */
export function idBefore(id: string): string {
  const value = BigInt(id);
  return String(value > 0n ? value - 1n : 0n);
}

/** The greatest id below all posts made at this instant or later; undefined for instants before ids held time. */
export function lastIdBefore(ms: number): string | undefined {
  if (!(ms > SNOWFLAKE_EPOCH_MS)) return undefined;
  return String((BigInt(Math.floor(ms) - SNOWFLAKE_EPOCH_MS) << 22n) - 1n);
}
