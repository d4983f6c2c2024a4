import { answerRoutes } from './answers.ts';
import { followRoutes } from './follow-lists.ts';
import { postLookupRoutes } from './post-lookup.ts';
import { timelineRoutes } from './timelines.ts';
import { userLookupRoutes } from './user-lookup.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { Route } from '../../http/route.ts';
import { PageTokens } from '../page-token.ts';

/** The endpoints of v2 that read posts, accounts and follows. */
export function readRoutes(parts: FaceParts): Route[] {
  const tokens = new PageTokens(parts.world.seed);
  return [
    ...postLookupRoutes(parts),
    ...userLookupRoutes(parts),
    ...timelineRoutes(parts, tokens),
    ...answerRoutes(parts, tokens),
    ...followRoutes(parts, tokens),
  ];
}
