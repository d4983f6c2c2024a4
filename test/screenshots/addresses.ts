/** The pages that are photographed: every address of the page, with something real in the place of its parameters. */

export type Shot = {
  /** Of the file. */
  name: string;
  /** As it stands in the page's table of addresses. */
  route: string;
  /** What stands for the parameters; undefined: it cannot be known in advance, so the script finds it out. */
  path: string | undefined;
  /** Seen by those who have not signed in. */
  signedOut?: true;
};

export const shots: readonly Shot[] = [
  { name: 'overview', route: '/', path: '/' },
  { name: 'collections', route: '/collections', path: '/collections' },
  { name: 'collection-new', route: '/collections/new', path: '/collections/new' },
  { name: 'collection', route: '/collections/$name', path: '/collections/demo' },
  { name: 'posts', route: '/posts', path: '/posts' },
  { name: 'post', route: '/posts/$platform/$postId', path: undefined },
  { name: 'accounts', route: '/accounts', path: '/accounts' },
  { name: 'account', route: '/accounts/$platform/$accountId', path: undefined },
  { name: 'jobs', route: '/jobs', path: '/jobs' },
  { name: 'exports', route: '/exports', path: '/exports' },
  { name: 'sign-in', route: '/sign-in', path: '/sign-in', signedOut: true },
  { name: 'welcome', route: '/welcome', path: '/welcome', signedOut: true },
  { name: 'invitation', route: '/invitation/$token', path: '/invitation/none', signedOut: true },
  { name: 'reset-password', route: '/reset-password/$token', path: '/reset-password/none', signedOut: true },
  { name: 'profile', route: '/profile', path: '/profile' },
  { name: 'admin', route: '/admin', path: '/admin' },
  { name: 'admin-users', route: '/admin/users', path: '/admin/users' },
  { name: 'admin-audit', route: '/admin/audit', path: '/admin/audit' },
  { name: 'admin-credentials', route: '/admin/credentials', path: '/admin/credentials' },
  { name: 'admin-nodes', route: '/admin/nodes', path: '/admin/nodes' },
  { name: 'admin-storage', route: '/admin/storage', path: '/admin/storage' },
  { name: 'admin-alerts', route: '/admin/alerts', path: '/admin/alerts' },
  { name: 'admin-budgets', route: '/admin/budgets', path: '/admin/budgets' },
  { name: 'admin-settings', route: '/admin/settings', path: '/admin/settings' },
];
