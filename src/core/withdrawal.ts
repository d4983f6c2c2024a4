/** What a platform says of a post or an account after it was captured: that it may not be shown any more, everywhere or in some countries. */
import type { AccountId, Platform, PostId } from './ids.ts';

/** `not_found`: the platform knows none now; it does not tell whether it was deleted. */
export type PostWithdrawalKind = 'deleted' | 'not_found' | 'protected' | 'suspended' | 'withheld';

/** `places`: the author took back where its posts up to `upToPostId` were written. */
export type AccountWithdrawalKind = 'deleted' | 'protected' | 'suspended' | 'withheld' | 'places';

/** `countries`: of `withheld`, in upper case; none: it is withheld nowhere any more. `atMs`: by the platform's word, where it says when. */
export type Withdrawal =
  | { of: 'post'; platform: Platform; postId: PostId; kind: PostWithdrawalKind; countries?: string[]; atMs?: number }
  | {
      of: 'account';
      platform: Platform;
      accountId: AccountId;
      kind: AccountWithdrawalKind;
      countries?: string[];
      upToPostId?: PostId;
      atMs?: number;
    };
