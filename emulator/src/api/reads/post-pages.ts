import { earliest, latest, pageOfPosts, type PostList } from './post-page.ts';
import { type Ask, Refusal } from './read-route.ts';
import type { FaceParts } from '../../face-parts.ts';
import { DocumentBuilder } from '../objects/document.ts';
import { brokenToken, type PageTokens } from '../page-token.ts';
import type { ParameterRule, Parameters } from '../parameters.ts';
import { boundAt } from '../time-bounds.ts';
import type { Choices } from '../../uncertain/choices.ts';
import { postTime } from '../../world/ids.ts';
import { type PostRange, startOf } from '../../world/model.ts';

/** The platform's first ids with the time in them. */
const FIRST_START = Date.UTC(2010, 10, 6);

export const TIMELINE_RULES: readonly ParameterRule[] = [
  { name: 'id', kind: 'id', path: true, required: true },
  { name: 'since_id', kind: 'id' },
  { name: 'until_id', kind: 'id' },
  { name: 'max_results', kind: 'integer', least: 5, most: 100, fallback: 10 },
  { name: 'pagination_token', kind: 'text' },
];

export const TIMELINE_TIME_RULES: readonly ParameterRule[] = [
  { name: 'start_time', kind: 'instant', notBefore: FIRST_START },
  { name: 'end_time', kind: 'instant', notBefore: FIRST_START },
];

/** What since_id, until_id (exclusive), start_time (inclusive) and end_time (exclusive) leave, unless chosen otherwise. */
export function rangeOf(parameters: Parameters, choices: Choices): PostRange {
  const bound = (name: string) => {
    const id = parameters.text(name);
    return id === undefined ? undefined : postTime(id);
  };
  const instant = (name: 'start_time' | 'end_time') => {
    const at = parameters.instant(name);
    return at === undefined ? undefined : startOf(boundAt(name, at, choices));
  };
  return {
    after: latest(bound('since_id'), instant('start_time')),
    before: earliest(bound('until_id'), instant('end_time')),
  };
}

/** `data`, `includes`, `errors` and `meta` of a page of posts. */
export function postPageBody(
  { world, choices }: Pick<FaceParts, 'world' | 'choices'>,
  tokens: PageTokens,
  { parameters, fields, viewer }: Ask,
  list: PostList,
  range: PostRange,
): object {
  const token = parameters.text('pagination_token');
  const page = pageOfPosts(tokens, list, range, parameters.integer('max_results'), token);
  if (page === undefined) return new Refusal(brokenToken('pagination_token', token ?? ''));
  const builder = new DocumentBuilder(world, fields, viewer, choices);
  const { posts, next_token, previous_token } = page;
  const document = builder.finish(posts.map((post) => builder.post(post, 'id')));
  const meta = {
    result_count: posts.length,
    ...(posts[0] !== undefined && { newest_id: posts[0].id }),
    ...(posts.length > 0 && { oldest_id: posts.at(-1)?.id }),
    ...(next_token !== undefined && { next_token }),
    ...(previous_token !== undefined && { previous_token }),
  };
  return { ...document, meta };
}
