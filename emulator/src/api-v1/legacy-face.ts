import { legacyRoutes } from './endpoint.ts';
import { FOLLOW_ENDPOINTS } from './follows.ts';
import { legacyStreamRoutes } from './legacy-streams.ts';
import { SEARCH_ENDPOINTS } from './search.ts';
import { STATUS_ENDPOINTS } from './statuses.ts';
import { TIMELINE_ENDPOINTS } from './timeline.ts';
import { USER_ENDPOINTS } from './users.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Route } from '../http/route.ts';

/** All endpoints of v1.1. */
export function legacyFaceRoutes(parts: FaceParts): Route[] {
  const reads = [
    ...TIMELINE_ENDPOINTS,
    ...STATUS_ENDPOINTS,
    ...USER_ENDPOINTS,
    ...FOLLOW_ENDPOINTS,
    ...SEARCH_ENDPOINTS,
  ];
  return [...legacyRoutes(parts, reads), ...legacyStreamRoutes(parts)];
}
