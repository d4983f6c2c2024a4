import { postPageBody, rangeOf, TIMELINE_RULES, TIMELINE_TIME_RULES } from './post-pages.ts';
import { POST_SCOPES, readRoute } from './read-route.ts';
import { seenAccount } from './user-lookup.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { Route } from '../../http/route.ts';
import { postSight } from '../objects/sight.ts';
import type { PageTokens } from '../page-token.ts';
import type { Post, PostRange } from '../../world/model.ts';

/** So many of the newest posts of an account can be reached, and so many when replies are left out. */
const HORIZON = 3200;
const HORIZON_WITHOUT_REPLIES = 800;
const MENTIONS_HORIZON = 800;

/** `GET /2/users/:id/tweets` and `GET /2/users/:id/mentions`. */
export function timelineRoutes(parts: FaceParts, tokens: PageTokens): Route[] {
  const { world, choices } = parts;
  return [
    readRoute(parts, {
      path: '/2/users/:id/tweets',
      scopes: POST_SCOPES,
      rules: [
        ...TIMELINE_RULES,
        { name: 'exclude', kind: 'choices', values: ['replies', 'retweets'] },
        ...TIMELINE_TIME_RULES,
      ],
      shows: 'tweets',
      respond: (ask) => {
        const { parameters, viewer } = ask;
        const seen = seenAccount(world, parameters.text('id') ?? '', viewer);
        if ('error' in seen) return { errors: [seen.error] };
        const excluded = parameters.list('exclude');
        const withoutReplies = excluded.includes('replies');
        const withoutReposts = excluded.includes('retweets');
        const list = {
          between: (range: PostRange) => world.postsOf(seen.account, range, viewer.at),
          shows: (post: Post) =>
            !(withoutReplies && post.kind === 'reply') &&
            !(withoutReposts && post.kind === 'repost') &&
            typeof postSight(world, post, viewer) === 'object',
          makesUp: choices['excluded-posts'] === 'made-up',
          horizon: withoutReplies ? HORIZON_WITHOUT_REPLIES : HORIZON,
          purpose: 'tweets',
        };
        return postPageBody(parts, tokens, ask, list, rangeOf(parameters, choices));
      },
    }),
    readRoute(parts, {
      path: '/2/users/:id/mentions',
      scopes: POST_SCOPES,
      rules: [...TIMELINE_RULES, ...TIMELINE_TIME_RULES],
      shows: 'tweets',
      respond: (ask) => {
        const { parameters, viewer } = ask;
        const seen = seenAccount(world, parameters.text('id') ?? '', viewer);
        if ('error' in seen) return { errors: [seen.error] };
        const list = {
          between: (range: PostRange) => world.mentionsOf(seen.account, range, viewer.at),
          horizon: MENTIONS_HORIZON,
          purpose: 'mentions',
        };
        return postPageBody(parts, tokens, ask, list, rangeOf(parameters, choices));
      },
    }),
  ];
}
