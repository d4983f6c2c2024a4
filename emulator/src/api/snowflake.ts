import type { PostTime } from '../world/schedule.ts';

/** Unix ms of id 0: 2010-11-04T01:42:54.657Z. */
const EPOCH_MS = 1_288_834_974_657;
const SLOT_BITS = 22n;

/** 64 bit: sign 0, 41 bits of milliseconds since the epoch, 10 bits of machine, 12 bits of sequence. In decimal. */
export function snowflakeOf({ at, slot }: PostTime): string {
  return ((BigInt(at - EPOCH_MS) << SLOT_BITS) | BigInt(slot)).toString();
}

/** The time inside an id, or undefined when it isn't a decimal number of at most 64 bits. */
export function timeOfSnowflake(id: string): PostTime | undefined {
  if (!/^\d{1,19}$/.test(id)) return undefined;
  const bits = BigInt(id);
  return { at: Number(bits >> SLOT_BITS) + EPOCH_MS, slot: Number(bits & 0x3fffffn) };
}
