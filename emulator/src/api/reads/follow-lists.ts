import { FOLLOW_SCOPES, readRoute, Refusal } from './read-route.ts';
import { seenAccount } from './user-lookup.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { Route } from '../../http/route.ts';
import { DocumentBuilder } from '../objects/document.ts';
import { brokenToken, type FollowAnchor, type PageTokens } from '../page-token.ts';
import type { Follow, FollowRange } from '../../world/model.ts';

/** `GET /2/users/:id/followers` and `GET /2/users/:id/following`: newest follow first. */
export function followRoutes(parts: FaceParts, tokens: PageTokens): Route[] {
  const { world } = parts;
  const route = (name: 'followers' | 'following'): Route =>
    readRoute(parts, {
      path: `/2/users/:id/${name}`,
      scopes: FOLLOW_SCOPES,
      rules: [
        { name: 'id', kind: 'id', path: true, required: true },
        { name: 'max_results', kind: 'integer', least: 1, most: 1000, fallback: 100 },
        { name: 'pagination_token', kind: 'text' },
      ],
      shows: 'users',
      respond: ({ parameters, fields, viewer }) => {
        const token = parameters.text('pagination_token');
        const id = parameters.text('id') ?? '';
        const purpose = `${name} ${id}`;
        const anchor = token === undefined ? undefined : tokens.readFollows(purpose, token);
        if (token !== undefined && anchor === undefined) return new Refusal(brokenToken('pagination_token', token));
        const seen = seenAccount(world, id, viewer);
        if ('error' in seen) return { errors: [seen.error] };
        const list = (range: FollowRange): Iterable<Follow> =>
          name === 'followers'
            ? world.followers(seen.account, range, viewer.at)
            : world.following(seen.account, range, viewer.at);
        const page = pageOfFollows(list, parameters.integer('max_results'), anchor);
        const builder = new DocumentBuilder(world, fields, viewer);
        const document = builder.finish(page.follows.map(({ account }) => builder.user(account)));
        const tokenAt = (anchorAt: FollowAnchor | undefined): string | undefined =>
          anchorAt && tokens.ofFollows(purpose, anchorAt);
        const next_token = tokenAt(page.next);
        const previous_token = tokenAt(page.previous);
        const meta = {
          result_count: page.follows.length,
          ...(next_token !== undefined && { next_token }),
          ...(previous_token !== undefined && { previous_token }),
        };
        return { ...document, meta };
      },
    });
  return [route('followers'), route('following')];
}

interface FollowPage {
  readonly follows: readonly Follow[];
  readonly next: FollowAnchor | undefined;
  readonly previous: FollowAnchor | undefined;
}

function pageOfFollows(
  list: (range: FollowRange) => Iterable<Follow>,
  size: number,
  anchor: FollowAnchor | undefined,
): FollowPage {
  if (anchor?.direction === 'previous') return newer(list, size, anchor.position);
  const { taken, hasMore } = take(list({ before: anchor?.position }), size);
  const last = taken.at(-1);
  return {
    follows: taken,
    next: hasMore && last !== undefined ? { direction: 'next', position: last.position } : undefined,
    // Beside an empty page the anchor itself is the only place there is.
    previous: anchor && { direction: 'previous', position: taken[0]?.position ?? Math.max(0, anchor.position - 1) },
  };
}

/** The follows next above a position. Lists are walked from above, so that a window is widened until it holds enough. */
function newer(list: (range: FollowRange) => Iterable<Follow>, size: number, position: number): FollowPage {
  const [top] = list({ after: position });
  let follows: Follow[] = [];
  for (let width = size + 1; top !== undefined; width *= 2) {
    follows = [...list({ after: position, before: position + width + 1 })];
    if (follows.length > size || position + width >= top.position) break;
  }
  const kept = follows.slice(-size);
  const first = kept[0];
  const last = kept.at(-1);
  return {
    follows: kept,
    next: { direction: 'next', position: last?.position ?? position + 1 },
    previous: follows.length > size && first ? { direction: 'previous', position: first.position } : undefined,
  };
}

function take(follows: Iterable<Follow>, size: number): { taken: Follow[]; hasMore: boolean } {
  const taken: Follow[] = [];
  for (const follow of follows) {
    if (taken.length === size) return { taken, hasMore: true };
    taken.push(follow);
  }
  return { taken, hasMore: false };
}
