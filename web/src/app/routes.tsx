/** Every address of the page. Each page is loaded when it is opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { base } from '../api/base.ts';
import { FailedPage } from './failed-page.tsx';
import { Shell } from './shell.tsx';
import { UnknownPage } from './unknown-page.tsx';

const rootRoute = createRootRoute({
  component: () => (
    <Shell>
      <Outlet />
    </Shell>
  ),
  notFoundComponent: UnknownPage,
});

const route = <const Path extends string>(
  path: Path,
  component: ReturnType<typeof lazyRouteComponent> | (() => React.JSX.Element),
) => createRoute({ getParentRoute: () => rootRoute, path, component });

const overview = () => import('./overview-page.tsx');
const collections = () => import('../features/collections/pages/collections-page.tsx');
const collection = () => import('../features/collections/pages/collection-page.tsx');
const newCollection = () => import('../features/collections/pages/new-collection-page.tsx');
const posts = () => import('../features/posts/pages/posts-page.tsx');
const post = () => import('../features/posts/pages/post-page.tsx');
const accounts = () => import('../features/accounts/pages/accounts-page.tsx');
const account = () => import('../features/accounts/pages/account-page.tsx');
const jobs = () => import('../features/jobs/pages/jobs-page.tsx');
const exportsAndDatasets = () => import('../features/exports/pages/exports-page.tsx');
const signIn = () => import('../features/users/pages/sign-in-page.tsx');
const welcome = () => import('../features/users/pages/welcome-page.tsx');
const invitation = () => import('../features/users/pages/invitation-page.tsx');
const resetPassword = () => import('../features/users/pages/reset-password-page.tsx');
const profile = () => import('../features/users/pages/profile-page.tsx');
const users = () => import('../features/users/pages/users-page.tsx');
const audit = () => import('../features/users/pages/audit-page.tsx');
const admin = () => import('../features/admin/pages/admin-page.tsx');
const credentials = () => import('../features/admin/pages/credentials-page.tsx');
const nodes = () => import('../features/admin/pages/nodes-page.tsx');
const storage = () => import('../features/admin/pages/storage-page.tsx');
const alerts = () => import('../features/admin/pages/alerts-page.tsx');
const budgets = () => import('../features/admin/pages/budgets-page.tsx');
const settings = () => import('../features/admin/pages/settings-page.tsx');

const routeTree = rootRoute.addChildren([
  route('/', lazyRouteComponent(overview, 'OverviewPage')),
  route('/collections', lazyRouteComponent(collections, 'CollectionsPage')),
  route('/collections/new', lazyRouteComponent(newCollection, 'NewCollectionPage')),
  route('/collections/$name', lazyRouteComponent(collection, 'CollectionPage')),
  route('/posts', lazyRouteComponent(posts, 'PostsPage')),
  route('/posts/$platform/$postId', lazyRouteComponent(post, 'PostPage')),
  route('/accounts', lazyRouteComponent(accounts, 'AccountsPage')),
  route('/accounts/$platform/$accountId', lazyRouteComponent(account, 'AccountPage')),
  route('/jobs', lazyRouteComponent(jobs, 'JobsPage')),
  route('/exports', lazyRouteComponent(exportsAndDatasets, 'ExportsPage')),
  route('/sign-in', lazyRouteComponent(signIn, 'SignInPage')),
  route('/welcome', lazyRouteComponent(welcome, 'WelcomePage')),
  route('/invitation/$token', lazyRouteComponent(invitation, 'InvitationPage')),
  route('/reset-password/$token', lazyRouteComponent(resetPassword, 'ResetPasswordPage')),
  route('/profile', lazyRouteComponent(profile, 'ProfilePage')),
  route('/admin', lazyRouteComponent(admin, 'AdminPage')),
  route('/admin/users', lazyRouteComponent(users, 'UsersPage')),
  route('/admin/audit', lazyRouteComponent(audit, 'AuditPage')),
  route('/admin/credentials', lazyRouteComponent(credentials, 'CredentialsPage')),
  route('/admin/nodes', lazyRouteComponent(nodes, 'NodesPage')),
  route('/admin/storage', lazyRouteComponent(storage, 'StoragePage')),
  route('/admin/alerts', lazyRouteComponent(alerts, 'AlertsPage')),
  route('/admin/budgets', lazyRouteComponent(budgets, 'BudgetsPage')),
  route('/admin/settings', lazyRouteComponent(settings, 'SettingsPage')),
]);

export const router = createRouter({
  routeTree,
  basepath: base === '' ? '/' : base,
  defaultPreload: 'intent',
  defaultErrorComponent: FailedPage,
  scrollRestoration: false,
  // Plain text: ids have more digits than numbers keep, and quotes belong to phrases.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search: Record<string, unknown>) => {
    const given = Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
    return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
