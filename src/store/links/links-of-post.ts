import type { PostKey } from './note-links.ts';
import type { LinkState } from './list-links.ts';
import type { Queryable } from '../db.ts';

/**
 * A link of a post and where it leads. `link`: as the text shows it; `url`: what was asked. `redirects`: each answer on the way. Null: not known yet, or no
 * answer. `checkedAt`: ISO 8601 with Z.
 */
export type LinkOfPost = {
  link: string;
  url: string;
  state: LinkState;
  redirects: { status: number; url: string }[];
  finalUrl: string | null;
  finalStatus: number | null;
  checkedAt: string | null;
  cause: string | null;
};

type Row = Pick<LinkOfPost, 'link' | 'url' | 'state' | 'cause'> & {
  history: { status: number; url: string }[];
  final_url: string | null;
  final_status: number | null;
  checked_at: string | null;
};

/** In the post's order; none before `urls expand` looked at the post. */
export async function linksOfPost(db: Queryable, { platform, postId }: PostKey): Promise<LinkOfPost[]> {
  const rows = await db.query<Row>(
    `select p.link, l.url, l.state, l.history, l.final_url, l.final_status, l.checked_at, l.cause
      from post_links p join links l using (link_id) where p.platform = $1 and p.post_id = $2 order by p.position`,
    [platform, postId],
  );
  return rows.map(({ history, final_url, final_status, checked_at, ...row }) => ({
    ...row,
    redirects: history.map(({ status, url }) => ({ status, url })),
    finalUrl: final_url,
    finalStatus: final_status,
    checkedAt: checked_at,
  }));
}
