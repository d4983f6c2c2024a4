import { complianceStreamRoutes } from './compliance-streams.ts';
import { connectionRoutes } from './connections.ts';
import { filteredStreamRoutes } from './filtered-stream.ts';
import { StreamGate } from './open-stream.ts';
import { sampleStreamRoutes } from './sample-stream.ts';
import { streamRulesRoutes } from './stream-rules.ts';
import { volumeStreamRoutes } from './volume-streams.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Route } from '../http/route.ts';

/** All streams of v2, the rules of the filtered one, and the lists of connections. */
export function streamRoutes(parts: FaceParts): Route[] {
  const gate = new StreamGate(parts);
  return [
    ...sampleStreamRoutes(parts, gate),
    ...filteredStreamRoutes(parts, gate),
    ...streamRulesRoutes(parts),
    ...volumeStreamRoutes(parts, gate),
    ...complianceStreamRoutes(parts, gate),
    ...connectionRoutes(parts),
  ];
}
