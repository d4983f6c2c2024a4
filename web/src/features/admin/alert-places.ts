/** Where what an alert tells of is put right. Pure. */

/** `to`: a page; with `collection` that collection's. `action`: what the button that leads there says. */
export type AlertPlace = {
  to:
    | '/collections/$name'
    | '/admin/storage'
    | '/admin/budgets'
    | '/admin/credentials'
    | '/admin/nodes'
    | '/admin/alerts'
    | '/jobs';
  action: string;
  collection?: string;
};

const places: Record<string, AlertPlace> = {
  'disk-low': { to: '/admin/storage', action: 'Storage' },
  'disk-filling': { to: '/admin/storage', action: 'Storage' },
  'budget-near': { to: '/admin/budgets', action: 'Budgets' },
  'job-dead': { to: '/jobs', action: 'Jobs' },
  'node-gone': { to: '/admin/nodes', action: 'Nodes' },
  'credential-refused': { to: '/admin/credentials', action: 'Credentials' },
  'backup-old': { to: '/admin/storage', action: 'Storage' },
  'server-failing': { to: '/admin/nodes', action: 'Nodes' },
};

/** Those of a collection are put right on its page; what has no place of its own, among the alerts. */
export function placeOfAlert({ kind, collection }: { kind: string; collection: string | null }): AlertPlace {
  return (
    places[kind] ??
    (collection === null
      ? { to: '/admin/alerts', action: 'Alerts' }
      : { to: '/collections/$name', action: 'Open', collection })
  );
}

/** Whether somebody can do something there. Keys of their own are everybody's who may have some. */
export function mayGoTo({ to }: AlertPlace, isAdministrator: boolean): boolean {
  return isAdministrator || !to.startsWith('/admin/') || to === '/admin/credentials';
}
