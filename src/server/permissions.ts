/** Who may call what: one table that lists every route. A route that is missing here keeps the server from starting. */

/** Each role may do what those before it may. */
export const roles = ['nobody', 'viewer', 'collector', 'administrator'] as const;
export type Role = (typeof roles)[number];

/** By method and route pattern: the least role that may call it. `nobody` means: open, also before signing in. */
export const leastRoleByRoute: Readonly<Record<string, Role>> = {
  'GET /healthz': 'nobody',
  'GET /readyz': 'nobody',
  'GET /*': 'nobody',
  'GET /assets/*': 'nobody',
  'GET /api/v1/openapi.json': 'nobody',
  'GET /api/v1/session': 'nobody',
  'GET /api/v1/status': 'viewer',
  'GET /api/v1/events': 'viewer',
  'GET /api/v1/overview': 'viewer',
  'GET /api/v1/collections': 'viewer',
  'POST /api/v1/collections': 'collector',
  'GET /api/v1/collections/:name': 'viewer',
  'PATCH /api/v1/collections/:name': 'collector',
  'POST /api/v1/collections/:name/start': 'collector',
  'POST /api/v1/collections/:name/stop': 'collector',
  'GET /api/v1/collections/:name/posts-over-time': 'viewer',
  'GET /api/v1/collections/:name/recent-posts': 'viewer',
  'GET /api/v1/collections/:name/events': 'viewer',
  'GET /api/v1/collections/:name/runs': 'viewer',
  'GET /api/v1/collections/:name/segment-days': 'viewer',
  'GET /api/v1/collections/:name/gaps': 'viewer',
  'GET /api/v1/collections/:name/compaction': 'viewer',
  'GET /api/v1/retention-runs': 'viewer',
  'GET /api/v1/datasets': 'viewer',
  'GET /api/v1/accounts': 'viewer',
  'POST /api/v1/accounts': 'collector',
  'GET /api/v1/accounts/:accountId': 'viewer',
  'PATCH /api/v1/accounts/:accountId': 'collector',
  'DELETE /api/v1/accounts/:accountId': 'administrator',
  'GET /api/v1/jobs': 'viewer',
  'GET /api/v1/jobs/upcoming': 'viewer',
  'GET /api/v1/jobs/:id': 'viewer',
  'POST /api/v1/jobs/:id/retry': 'collector',
  'POST /api/v1/jobs/:id/cancel': 'collector',
  'GET /api/v1/exports': 'viewer',
  'GET /api/v1/disk': 'viewer',
  'GET /api/v1/nodes/self': 'viewer',
  'GET /files/datasets/:collection/:day/:file': 'viewer',
  'GET /files/exports/:name/:file': 'viewer',
};

export function mayCall(role: Role, leastRole: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(leastRole);
}

/** The table's key of a route; HEAD is GET without a body and needs the same right. */
export function routeKey(method: string, pattern: string): string {
  return `${method === 'HEAD' ? 'GET' : method} ${pattern}`;
}
