/** What became of a link that was followed. */
import type { PostDetail } from './api/use-posts.ts';

type FollowedLink = Pick<PostDetail['followedLinks'][number], 'state' | 'finalStatus' | 'checkedAt' | 'cause'>;

/** Ends before the address where there is one: `200 from`. */
export function endOfLink({ state, finalStatus, checkedAt, cause }: FollowedLink): string {
  const why = cause === null ? '' : `: ${cause}`;
  if (state === 'refused') return `Not followed${why}`;
  if (state === 'unreachable') return `No answer, given up${why}`;
  const again = state === 'due' ? ' (to be tried again)' : '';
  if (finalStatus !== null) return `${finalStatus}${again} from`;
  return checkedAt === null ? 'Not asked for yet' : `No answer${again}${why}`;
}
