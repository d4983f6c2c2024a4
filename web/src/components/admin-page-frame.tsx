import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useSession } from '../api/use-session.ts';
import classes from './admin-page-frame.module.css';
import { Notice } from './notice.tsx';
import { Page } from './page.tsx';

const places = [
  { to: '/admin', label: 'At a glance' },
  { to: '/admin/alerts', label: 'Alerts' },
  { to: '/admin/nodes', label: 'Nodes' },
  { to: '/admin/storage', label: 'Storage' },
  { to: '/admin/credentials', label: 'Credentials' },
  { to: '/admin/budgets', label: 'Budgets' },
  { to: '/admin/users', label: 'Users' },
  { to: '/admin/audit', label: 'Audit log' },
  { to: '/admin/settings', label: 'Settings' },
] as const;

type FrameProps = {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  least?: 'collector';
  children: () => ReactNode;
};

/** A page of the administration with the way to its neighbours. Whoever may not see it is told so instead of an error of each part. */
export function AdminPageFrame({ title, intro, actions, least, children }: FrameProps) {
  const { data: session } = useSession();
  if (session === undefined) return <Page title={title}>{null}</Page>;
  const isAdministrator = session.role === 'administrator';
  const may = isAdministrator || (least === 'collector' && session.role === 'collector');
  return (
    <Page title={title} intro={intro} actions={may ? actions : undefined}>
      {isAdministrator && (
        <nav aria-label="Administration">
          <ul className={classes.places}>
            {places.map(({ to, label }) => (
              <li key={to}>
                <Link
                  to={to}
                  className={classes.place}
                  activeProps={{ 'aria-current': 'page' }}
                  activeOptions={{ exact: true }}
                >
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {may ? (
        <Content render={children} />
      ) : (
        <Notice tone="plain" title="For administrators">
          This page needs the role {least ?? 'administrator'}; yours is {session.role}.{' '}
          {session.user === null && <Link to="/sign-in">Sign in</Link>}
        </Notice>
      )}
    </Page>
  );
}

/** What it renders may ask the server: only where it may. */
function Content({ render }: { render: () => ReactNode }) {
  return render();
}
