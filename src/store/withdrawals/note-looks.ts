import type { Platform, PostId } from '../../core/ids.ts';
import type { PostWithdrawalKind } from '../../core/withdrawal.ts';
import type { Queryable } from '../db.ts';
import { liftPostWithdrawals, type NotedWithdrawal, noteWithdrawals } from './note-withdrawals.ts';

/** `outcome`: `ok` when the post was handed out; whatever is no kind of withdrawal says nothing. `at`: ISO 8601. */
export type Look = { postId: string; outcome: string | null; at: string };

const KINDS = new Set<string>(['deleted', 'not_found', 'protected', 'suspended'] satisfies PostWithdrawalKind[]);

/** What looking posts up by id showed: those that were not handed out are withdrawn, those that were are so no more. Noting it again changes nothing. */
export async function noteLooks(
  tx: Queryable,
  { platform, source }: { platform: Platform; source: string },
  looks: readonly Look[],
): Promise<void> {
  const withdrawn = looks.flatMap(({ postId, outcome, at }): NotedWithdrawal[] =>
    outcome === null || !KINDS.has(outcome)
      ? []
      : [
          {
            withdrawal: { of: 'post', platform, postId: postId as PostId, kind: outcome as PostWithdrawalKind },
            ...{ source, atMs: Date.parse(at) },
          },
        ],
  );
  await noteWithdrawals(tx, withdrawn);
  const seen = looks.filter(({ outcome }) => outcome === 'ok');
  if (seen.length === 0) return;
  // The earliest: what was said between two looks of one batch stays.
  const atMs = Math.min(...seen.map(({ at }) => Date.parse(at)));
  await liftPostWithdrawals(tx, { platform, postIds: seen.map(({ postId }) => postId), atMs });
}
