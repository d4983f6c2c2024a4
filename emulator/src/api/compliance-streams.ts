import type { StreamGate } from './open-stream.ts';
import { countryCodes } from './objects/post-object.ts';
import { partitionOf, partitionOfAccount } from './partition.ts';
import { readStreamParameters } from './stream-parameters.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Selected } from '../feed/timeline-feed.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import { postId } from '../world/ids.ts';
import type { AccountState, Change, World } from '../world/model.ts';

const PARTITIONS = 4;
const MINUTE_MS = 60_000;

/** What happened to posts and to accounts that were there already. */
export function complianceStreamRoutes(parts: FaceParts, gate: StreamGate): Route[] {
  const { world } = parts;
  return [
    route('/2/tweets/compliance/stream', 'tweets_compliance_stream', (change, partition) =>
      'post' in change && partitionOf(change.post, PARTITIONS) === partition ? postEvent(world, change) : undefined,
    ),
    route('/2/users/compliance/stream', 'users_compliance_stream', (change, partition) =>
      !('post' in change) && partitionOfAccount(change.account, PARTITIONS) === partition
        ? accountEvent(world, change)
        : undefined,
    ),
  ];

  function route(
    path: string,
    endpoint: string,
    tell: (change: Change, partition: number) => Selected | undefined,
  ): Route {
    const handle = async (exchange: Exchange): Promise<Answer | undefined> => {
      const shape = { partitions: PARTITIONS, now: world.now(), posts: false, backfill: parts.access.backfill };
      const read = readStreamParameters(exchange.url.searchParams, shape, parts);
      if (!read.ok) return read.problem;
      const { parameters } = read;
      return gate.open(exchange, {
        endpoint,
        parameters,
        start: () => {
          const cursor = parts.changes.open({
            select: (change) => tell(change, parameters.partition),
            backfillMs: parameters.backfillMinutes * MINUTE_MS,
            span: parameters.span,
          });
          return { cursor, source: cursor };
        },
      });
    };
    return { method: 'GET', path, callers: ['app'], dialect: V2, handle };
  }
}

type PostChange = Extract<Change, { post: unknown }>;

function postEvent(world: World, change: PostChange): Selected {
  const id = postId(change.post);
  const event_at = new Date(change.at).toISOString();
  const tweet = { id, author_id: world.account(change.account).id };
  switch (change.kind) {
    case 'post-deleted':
      return event(id, { delete: { tweet, event_at } });
    case 'post-dropped':
      return event(id, { drop: { tweet, event_at } });
    case 'post-undropped':
      return event(id, { undrop: { tweet, event_at } });
    case 'post-withheld': {
      const withheld_in_countries = countryCodes(change.withholding.countries);
      return event(id, { withheld: { tweet, withheld_in_countries, event_at } });
    }
    case 'post-edited': {
      const made = (world.post(change.post)?.versions ?? [change.post]).filter(({ at }) => at <= change.at);
      const edit_tweet_ids = made.map(postId);
      const initial_tweet_id = edit_tweet_ids[0] ?? id;
      return event(id, { tweet_edit: { tweet: { id }, event_at, initial_tweet_id, edit_tweet_ids } });
    }
  }
}

function accountEvent(world: World, change: Exclude<Change, PostChange>): Selected | undefined {
  const { id } = world.account(change.account);
  const event_at = new Date(change.at).toISOString();
  const user = { id };
  switch (change.kind) {
    case 'renamed': {
      const modification = { user, profile_field: 'username', new_value: change.to, event_at };
      return event(id, { user_profile_modification: modification });
    }
    case 'geo-scrubbed':
      return event(id, { scrub_geo: { user, up_to_tweet_id: postId(change.upTo), event_at } });
    case 'withheld':
      return event(id, { user_withheld: { user, withheld_in_countries: change.countries, event_at } });
    case 'state': {
      const name = eventOf(change.from, change.to);
      return name === undefined ? undefined : event(id, { [name]: { user, event_at } });
    }
  }
}

function eventOf(from: AccountState, to: AccountState): string | undefined {
  switch (to) {
    case 'deleted':
    case 'deactivated':
      return 'user_delete';
    case 'suspended':
      return 'user_suspend';
    case 'protected':
    case 'public':
      if (from === 'suspended') return 'user_unsuspend';
      if (from === 'deleted' || from === 'deactivated') return 'user_undelete';
      return to === 'protected' ? 'user_protect' : 'user_unprotect';
  }
}

function event(id: string, data: object): Selected {
  return { id, line: JSON.stringify({ data }) };
}
