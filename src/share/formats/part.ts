/** One data file of an export while it is written. */
import type { ExportPost } from '../export-post.ts';

export type FinishedPart = { bytes: number; sha256: string };

/** A cell that a format could not hold whole: `at` is where it was cut, both in UTF-16 units. */
export type Cut = { row: number; id: string; column: string; at: number; length: number };

export interface Part extends AsyncDisposable {
  /** Appends rows. */
  write(posts: readonly ExportPost[]): Promise<void>;
  /** Makes durable what was written; returns at which byte of the working file writing can go on later, undefined when it cannot. */
  checkpoint(): Promise<number | undefined>;
  /** Bytes written so far, before any packing. */
  readonly bytes: number;
  /** Whether nothing more should be written to it, whatever its rows. */
  readonly isFull: boolean;
  /** Ends the file and makes it durable. What it worked with stays until `clean`. */
  end(): Promise<FinishedPart>;
  /** Removes what it worked with. */
  clean(): Promise<void>;
}
