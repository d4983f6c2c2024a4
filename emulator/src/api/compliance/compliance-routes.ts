import { ComplianceJobs } from './compliance-jobs.ts';
import { jobRoutes } from './job-routes.ts';
import { storageRoutes } from './storage-routes.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { Route } from '../../http/route.ts';

/** Batch compliance: jobs, and the storage that they point at. */
export function complianceRoutes(parts: FaceParts): Route[] {
  const jobs = new ComplianceJobs(parts.clock);
  return [...jobRoutes(parts, jobs), ...storageRoutes(parts, jobs)];
}
