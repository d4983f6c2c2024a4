import type { LineClass } from '../../platforms/adapter.ts';

/** What a segment holds so far; the part of its manifest that can be counted while it is written. */
export type FrameCounts = {
  frames: number;
  posts: number;
  malformed: number;
  control: number;
  firstAt?: string;
  lastAt?: string;
  firstId?: string;
  lastId?: string;
};

export function noFrames(): FrameCounts {
  return { frames: 0, posts: 0, malformed: 0, control: 0 };
}

/** Counts one frame, in place: this runs for every line that arrives. */
export function countFrame(counts: FrameCounts, at: string, line: LineClass): void {
  counts.frames++;
  counts.firstAt ??= at;
  counts.lastAt = at;
  if (line.kind === 'post') {
    counts.posts++;
    counts.firstId ??= line.postId;
    counts.lastId = line.postId;
  } else if (line.kind === 'malformed') counts.malformed++;
  else counts.control++;
}
