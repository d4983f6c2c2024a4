import { postPageBody, rangeOf, TIMELINE_RULES, TIMELINE_TIME_RULES } from './post-pages.ts';
import { POST_SCOPES, readRoute } from './read-route.ts';
import { seenAccount } from './user-lookup.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { Route } from '../../http/route.ts';
import { postSight, type Viewer } from '../objects/sight.ts';
import type { PageTokens } from '../page-token.ts';
import { comparePosts, type Post, type PostRange, type World } from '../../world/model.ts';

/** So many of the newest posts of an account can be reached, and so many when replies are left out. */
const HORIZON = 3200;
const HORIZON_WITHOUT_REPLIES = 800;
const MENTIONS_HORIZON = 800;
/** Mentions are looked for below so many of an account's newest posts. */
const ANSWERED_POSTS = 400;

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
        const mentions = mentionsOf(world, seen.account, viewer);
        const list = {
          between: ({ after, before }: PostRange) =>
            mentions.filter(
              (post) =>
                (after === undefined || comparePosts(post, after) > 0) &&
                (before === undefined || comparePosts(post, before) < 0),
            ),
          horizon: MENTIONS_HORIZON,
          purpose: 'mentions',
        };
        return postPageBody(parts, tokens, ask, list, rangeOf(parameters, choices));
      },
    }),
  ];
}

/**
 * Posts that name an account, newest first: replies to its posts. The world keeps no list of those who name somebody out of
 * the blue, and looking through all posts would take minutes.
 */
function mentionsOf(world: World, account: number, { at }: Viewer): readonly Post[] {
  const found: Post[] = [];
  let left = ANSWERED_POSTS;
  for (const post of world.postsOf(account, {}, at)) {
    if (left-- === 0) break;
    for (const reply of world.repliesTo(post, {}, at)) {
      const isNamed = reply.body.some((piece) => piece.kind === 'mention' && piece.account === account);
      if (isNamed && reply.author !== account) found.push(reply);
    }
  }
  return found.sort((a, b) => comparePosts(b, a));
}
