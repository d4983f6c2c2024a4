import { FORBIDDEN } from '../api/problems.ts';
import type { App } from '../credentials/app.ts';
import type { Answer } from '../http/exchange.ts';
import type { Gate } from '../http/router.ts';
import type { Access } from './access.ts';

/** Refuses endpoints that are not part of the access level, and user tokens that were not granted what they would need. */
export function accessGate(access: Access): Gate {
  return {
    admit({ caller, pattern }, { method, dialect }) {
      if (caller.kind === 'nobody') return {};
      if (!access.allows(method, pattern)) {
        // There was no v2 then.
        if (access.level === '2012') return { refusal: dialect.refuse('not-found') };
        return { refusal: pattern.startsWith('/1.1/') ? ONLY_A_SUBSET : notEnrolled(caller.app) };
      }
      if (caller.kind === 'user2' && !scopesFor(method, pattern).every((scope) => caller.scopes.has(scope))) {
        return { refusal: FORBIDDEN };
      }
      return {};
    },
  };
}

const ONLY_A_SUBSET: Answer = {
  status: 403,
  body: {
    errors: [
      {
        message:
          'You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints (e.g. media post, oauth) only. If you need access to this endpoint, you may need a different access level. You can learn more here: https://developer.x.com/en/portal/product',
        code: 453,
      },
    ],
  },
};

function notEnrolled(app: App): Answer {
  return {
    status: 403,
    body: {
      client_id: app.id,
      detail:
        'When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter developer App that is attached to a Project. You can create a project via the developer portal.',
      registration_url: 'https://developer.twitter.com/en/docs/projects/overview',
      title: 'Client Forbidden',
      required_enrollment: 'Appropriate Level of API Access',
      reason: 'client-not-enrolled',
      type: 'https://api.twitter.com/2/problems/client-forbidden',
    },
  };
}

/** Scopes beyond `tweet.read` and `users.read`, by what the path ends with. */
const FURTHER_SCOPES: Readonly<Record<string, string>> = {
  followers: 'follows.read',
  following: 'follows.read',
  liked_tweets: 'like.read',
  liking_users: 'like.read',
  bookmarks: 'bookmark.read',
  blocking: 'block.read',
  muting: 'mute.read',
  owned_lists: 'list.read',
  list_memberships: 'list.read',
};

function scopesFor(method: string, pattern: string): string[] {
  if (method !== 'GET' || !pattern.startsWith('/2/')) return [];
  const further = FURTHER_SCOPES[pattern.split('/').at(-1) ?? ''];
  return ['tweet.read', 'users.read', ...(further === undefined ? [] : [further])];
}
