/** What can be had otherwise than the platform does it today. */
export interface SearchSwitches {
  /** Words and phrases are found in reposts, too, as before 2026-05-04. */
  readonly findsReposts: boolean;
  /** Counts of long ranges are made post by post, however long that takes, instead of being estimated. */
  readonly countsExactly: boolean;
}
