import { pageOfPosts, type PostList } from './post-page.ts';
import { seenPost } from './post-lookup.ts';
import { postPageBody } from './post-pages.ts';
import { POST_SCOPES, type ReadEndpoint, readRoute, Refusal } from './read-route.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { Route } from '../../http/route.ts';
import { DocumentBuilder } from '../objects/document.ts';
import type { Viewer } from '../objects/sight.ts';
import { brokenToken, type PageTokens } from '../page-token.ts';
import type { ParameterRule } from '../parameters.ts';
import { comparePosts, type Post, type PostRange, type World } from '../../world/model.ts';

const ID_RULE: ParameterRule = { name: 'id', kind: 'id', path: true, required: true };
const TOKEN_RULE: ParameterRule = { name: 'pagination_token', kind: 'text' };
const REPOST_RULES: readonly ParameterRule[] = [
  ID_RULE,
  { name: 'max_results', kind: 'integer', least: 1, most: 100, fallback: 100 },
  TOKEN_RULE,
];

/** What was made of a post: `GET /2/tweets/:id/quote_tweets`, `/retweets` and `/retweeted_by`. */
export function answerRoutes(parts: FaceParts, tokens: PageTokens): Route[] {
  const { world, choices } = parts;
  const quotes: ReadEndpoint = {
    path: '/2/tweets/:id/quote_tweets',
    scopes: POST_SCOPES,
    rules: [
      ID_RULE,
      { name: 'max_results', kind: 'integer', least: 10, most: 100, fallback: 10 },
      TOKEN_RULE,
      { name: 'exclude', kind: 'choices', values: ['replies', 'retweets'] },
    ],
    shows: 'tweets',
    respond: (ask) => {
      const { parameters, viewer } = ask;
      const seen = seenPost(parts, parameters.text('id') ?? '', 'id', viewer);
      if ('error' in seen) return { errors: [seen.error] };
      const withoutReplies = parameters.list('exclude').includes('replies');
      const list: PostList = {
        between: (range) => world.quotesOf(seen.post, range, viewer.at),
        shows: (post) => !(withoutReplies && post.kind === 'reply'),
        purpose: `quotes ${seen.post.id}`,
      };
      return postPageBody(parts, tokens, ask, list, {});
    },
  };
  const reposts: ReadEndpoint = {
    path: '/2/tweets/:id/retweets',
    scopes: POST_SCOPES,
    rules: REPOST_RULES,
    shows: 'tweets',
    respond: (ask) => {
      const seen = seenPost(parts, ask.parameters.text('id') ?? '', 'id', ask.viewer);
      if ('error' in seen) return { errors: [seen.error] };
      return postPageBody(parts, tokens, ask, repostsOf(world, seen.post, ask.viewer), {});
    },
  };
  const reposters: ReadEndpoint = {
    path: '/2/tweets/:id/retweeted_by',
    scopes: POST_SCOPES,
    rules: REPOST_RULES,
    shows: 'users',
    respond: ({ parameters, fields, viewer }) => {
      const seen = seenPost(parts, parameters.text('id') ?? '', 'id', viewer);
      if ('error' in seen) return { errors: [seen.error] };
      const token = parameters.text('pagination_token');
      const list = repostsOf(world, seen.post, viewer);
      const page = pageOfPosts(tokens, list, {}, parameters.integer('max_results'), token);
      if (page === undefined) return new Refusal(brokenToken('pagination_token', token ?? ''));
      const builder = new DocumentBuilder(world, fields, viewer, choices);
      const { posts, next_token, previous_token } = page;
      const document = builder.finish(posts.map(({ author }) => builder.user(author)));
      const meta = {
        result_count: posts.length,
        ...(next_token !== undefined && { next_token }),
        ...(previous_token !== undefined && { previous_token }),
      };
      return { ...document, meta };
    },
  };
  return [quotes, reposts, reposters].map((endpoint) => readRoute(parts, endpoint));
}

/** Who reposted twice stands there once, with the first time, so that what comes later moves nobody. */
function repostsOf(world: World, post: Post, { at }: Viewer): PostList {
  const first = new Map<number, Post>();
  for (const repost of world.repostsOf(post, {}, at)) first.set(repost.author, repost);
  const all = [...first.values()].sort((a, b) => comparePosts(b, a));
  return {
    between: ({ after, before }: PostRange) =>
      all.filter(
        (repost) =>
          (after === undefined || comparePosts(repost, after) > 0) &&
          (before === undefined || comparePosts(repost, before) < 0),
      ),
    purpose: `reposts ${post.id}`,
  };
}
