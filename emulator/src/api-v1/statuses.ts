import { type LegacyCall, type LegacyEndpoint, shapeOf } from './endpoint.ts';
import {
  PARAMETERS_MISSING,
  Refused,
  STATUS_MISSING,
  STATUS_NOT_SHOWN,
  TOO_MANY_TERMS,
  USER_SUSPENDED,
} from './errors.ts';
import { exactNumber } from './exact-number.ts';
import { isOpenTo } from './find-account.ts';
import { onePage } from './id-page.ts';
import { renderStatus } from './render-status.ts';
import type { Answer } from '../http/exchange.ts';
import { postTime } from '../world/ids.ts';
import type { Post } from '../world/model.ts';

const MOST_IDS = 100;
const MOST_REPOSTS = 100;

export const STATUS_ENDPOINTS: readonly LegacyEndpoint[] = [
  { methods: ['GET', 'POST'], path: 'statuses/lookup', handle: lookup },
  { methods: ['GET'], path: 'statuses/show', handle: (call) => show(call, call.parameters.text('id')) },
  { methods: ['GET'], path: 'statuses/show/:id', handle: (call) => show(call, idInPath(call)) },
  { methods: ['GET'], path: 'statuses/retweets', handle: (call) => reposts(call, call.parameters.text('id')) },
  { methods: ['GET'], path: 'statuses/retweets/:id', handle: (call) => reposts(call, idInPath(call)) },
  { methods: ['GET'], path: 'statuses/retweeters/ids', handle: reposters },
];

/** What can't be seen is left out; with `map` it is null. In no order that means anything: newest first here. */
function lookup(call: LegacyCall): Answer {
  const { world, at, parameters } = call;
  const ids = [...new Set(parameters.list('id'))];
  if (ids.length === 0) return PARAMETERS_MISSING;
  if (ids.length > MOST_IDS) return TOO_MANY_TERMS;
  const shape = shapeOf(call);
  const posts = ids.map((id) => [id, visiblePost(call, id)] as const);
  if (!parameters.flag('map', false)) {
    const found = posts.flatMap(([, post]) => post ?? []).sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
    return { status: 200, body: found.map((post) => renderStatus(world, post, at, shape)) };
  }
  const map = posts.map(([id, post]) => [id, post === undefined ? null : renderStatus(world, post, at, shape)]);
  return { status: 200, body: { id: Object.fromEntries(map) } };
}

function visiblePost(call: LegacyCall, id: string): Post | undefined {
  try {
    return readablePost(call, id);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function show(call: LegacyCall, id: string | undefined): Answer {
  if (id === undefined) return PARAMETERS_MISSING;
  return { status: 200, body: renderStatus(call.world, readablePost(call, id), call.at, shapeOf(call)) };
}

/** Throws Refused where the post can't be seen by the caller. */
function readablePost({ world, at, viewer, choices }: LegacyCall, id: string): Post {
  const time = postTime(id);
  const post = time && world.post(time);
  if (post === undefined) throw new Refused(STATUS_MISSING);
  switch (world.postStateAt(post, at)) {
    case 'public':
      return post;
    case 'protected': {
      const authors =
        post.kind === 'repost' && post.about !== undefined ? [post.author, post.about.author] : [post.author];
      if (authors.every((author) => isOpenTo(world, author, viewer, at))) return post;
      throw new Refused(STATUS_NOT_SHOWN);
    }
    case 'suspended':
      throw new Refused(choices['v1-status-of-suspended'] === '63' ? USER_SUSPENDED : STATUS_MISSING);
    case 'gone':
    case 'deleted':
    case 'dropped':
    case 'unborn':
      throw new Refused(STATUS_MISSING);
  }
}

/** Its newest reposts, at most 100. */
function reposts(call: LegacyCall, id: string | undefined): Answer {
  if (id === undefined) return PARAMETERS_MISSING;
  const { world, at, parameters } = call;
  const original = readablePost(call, id);
  const count = parameters.count('count', MOST_REPOSTS, MOST_REPOSTS);
  const shape = shapeOf(call);
  const newest = Iterator.from(world.repostsOf(original, {}, at)).take(count);
  return { status: 200, body: [...newest].map((post) => renderStatus(world, post, at, shape)) };
}

/** Who made them: one page of at most 100, whatever the cursor. */
function reposters(call: LegacyCall): Answer {
  const { world, at, parameters } = call;
  const id = parameters.text('id');
  if (id === undefined) return PARAMETERS_MISSING;
  const newest = Iterator.from(world.repostsOf(readablePost(call, id), {}, at)).take(MOST_REPOSTS);
  const ids = [...newest].map(({ author }) => world.account(author).id);
  const shown = parameters.flag('stringify_ids', false) ? ids : ids.map(exactNumber);
  return { status: 200, body: { ids: shown, ...onePage() } };
}

/** The pattern `:id.json` matches the whole last part of the path. */
function idInPath({ exchange }: LegacyCall): string | undefined {
  const part = exchange.path['id.json'];
  return part?.endsWith('.json') === true ? part.slice(0, -'.json'.length) : part;
}
