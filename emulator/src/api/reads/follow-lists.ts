import { oldestFirst, pageOfFollows } from './follow-page.ts';
import { FOLLOW_SCOPES, readRoute, Refusal } from './read-route.ts';
import { seenAccount } from './user-lookup.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { Route } from '../../http/route.ts';
import { DocumentBuilder } from '../objects/document.ts';
import { brokenToken, type FollowAnchor, type PageTokens } from '../page-token.ts';
import type { Follow, FollowRange } from '../../world/model.ts';

/** `GET /2/users/:id/followers` and `GET /2/users/:id/following`: newest follow first. */
export function followRoutes(parts: FaceParts, tokens: PageTokens): Route[] {
  const { world, choices } = parts;
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
        const newestFirst = (range: FollowRange): Iterable<Follow> =>
          name === 'followers'
            ? world.followers(seen.account, range, viewer.at)
            : world.following(seen.account, range, viewer.at);
        const list = choices['follow-order'] === 'newest-first' ? newestFirst : oldestFirst(newestFirst);
        const page = pageOfFollows(list, parameters.integer('max_results'), anchor);
        const builder = new DocumentBuilder(world, fields, viewer, choices);
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
