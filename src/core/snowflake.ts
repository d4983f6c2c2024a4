/** The instant that X's ids count from: 2010-11-04T01:42:54.657Z, in ms since 1970. */
export const SNOWFLAKE_EPOCH_MS = 1_288_834_974_657;

/** Ids below this were given out one after the other, before 2010-11-04, and hold no time. */
const FIRST_SNOWFLAKE = 30_000_000_000n;
const LAST_SNOWFLAKE = 2n ** 63n - 1n;

/**
 * The instant in an X id, in ms since 1970; undefined for ids of before 2010-11-04, ids beyond 63 bits and non-numbers.
 * A pure function of the id: it decides the partition of a post, so it must never depend on the present.
 */
export function snowflakeToMs(id: string): number | undefined {
  if (!/^[0-9]{11,19}$/.test(id)) return undefined;
  const value = BigInt(id);
  if (value < FIRST_SNOWFLAKE || value > LAST_SNOWFLAKE) return undefined;
  return Number(value >> 22n) + SNOWFLAKE_EPOCH_MS;
}
