import type { Choices } from '../uncertain/choices.ts';
import type { PostTime } from '../world/model.ts';
import { mix } from '../world/random.ts';

/** Both samples begin in this millisecond of each second. */
const FROM_MS = 657;
const SALT = 0x51ab;

/** Whether a post is in the sample of one in a hundred. */
export function inHundredth(choices: Choices): (post: PostTime) => boolean {
  return choices['sample-choice'] === 'milliseconds' ? window(10) : drawn(100);
}

/** Whether a post is in the sample of one in ten. */
export function inTenth(choices: Choices): (post: PostTime) => boolean {
  return choices['tenth-choice'] === 'milliseconds' ? window(100) : drawn(10);
}

function window(lengthMs: number): (post: PostTime) => boolean {
  return ({ at }) => at % 1000 >= FROM_MS && at % 1000 < FROM_MS + lengthMs;
}

/** By a hash of the place in time that the id says; another one than that of partitions. */
function drawn(oneIn: number): (post: PostTime) => boolean {
  return ({ at, slot }) => (mix(mix((at | 0) ^ SALT) ^ slot) >>> 0) % oneIn === 0;
}
