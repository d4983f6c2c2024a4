import type { PostTime } from './model.ts';

/** Unix ms of id 0: 2010-11-04T01:42:54.657Z. */
const EPOCH_MS = 1_288_834_974_657;
/** The world's first post: the versions of one take ids up to some seconds before it. */
export const FIRST_POST_AT = EPOCH_MS + 60_000;
const SLOT_BITS = 22n;
const LARGEST = 2n ** 63n - 1n;

/** 64 bit: sign 0, 41 bits of milliseconds since the epoch, 10 bits of machine, 12 bits of sequence. In decimal. */
export function postId({ at, slot }: PostTime): string {
  return ((BigInt(at - EPOCH_MS) << SLOT_BITS) | BigInt(slot)).toString();
}

/** The place in time inside an id (of any age), or undefined when it isn't a decimal number of at most 63 bits. */
export function postTime(id: string): PostTime | undefined {
  if (!/^\d{1,19}$/.test(id)) return undefined;
  const bits = BigInt(id);
  if (bits > LARGEST) return undefined;
  return { at: Number(bits >> SLOT_BITS) + EPOCH_MS, slot: Number(bits & 0x3fffffn) };
}
