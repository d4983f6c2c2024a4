import type { PostTime } from '../world/model.ts';
import { mix } from '../world/random.ts';

/** Which partition a post belongs to, from 1: the same one always, for its id says it. */
export function partitionOf({ at, slot }: PostTime, partitions: number): number {
  return 1 + ((mix(mix(at | 0) ^ slot) >>> 0) % partitions);
}

/** Which partition an account belongs to, from 1. */
export function partitionOfAccount(account: number, partitions: number): number {
  return 1 + ((mix(account ^ 0x7a17) >>> 0) % partitions);
}
