import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay, useSession } from '../api/use-session.ts';
import classes from './admin-page-frame.module.css';
import { Notice } from './notice.tsx';
import { Page } from './page.tsx';

const places = [
  { to: '/admin', label: 'At a glance' },
  { to: '/admin/alerts', label: 'Alerts', least: 'viewer' },
  { to: '/admin/nodes', label: 'Nodes' },
  { to: '/admin/storage', label: 'Storage' },
  { to: '/admin/credentials', label: 'Credentials', least: 'collector' },
  { to: '/admin/budgets', label: 'Budgets' },
  { to: '/admin/users', label: 'Users' },
  { to: '/admin/audit', label: 'Audit log' },
  { to: '/admin/settings', label: 'Settings' },
] as const;

type Least = 'viewer' | 'collector' | 'administrator';

type FrameProps = {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  least?: Least;
  children: () => ReactNode;
};

/** A page of the administration with the way to its neighbours. Whoever may not see it is told so instead of an error of each part. */
export function AdminPageFrame({ title, intro, actions, least = 'administrator', children }: FrameProps) {
  const { data: session } = useSession();
  const may = useMay(least);
  const open = usePlaces();
  if (session === undefined) return <Page title={title}>{null}</Page>;
  return (
    <Page title={title} intro={intro} actions={may ? actions : undefined}>
      {open.length > 1 && (
        <nav aria-label="Administration">
          <ul className={classes.places}>
            {open.map(({ to, label }) => (
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
        <Notice tone="plain" title={`For ${least}s`}>
          This page needs the role {least}; yours is {session.role}.{' '}
          {session.user === null && <Link to="/sign-in">Sign in</Link>}
        </Notice>
      )}
    </Page>
  );
}

/** The pages that whoever looks may open. */
function usePlaces() {
  const may = { viewer: useMay('viewer'), collector: useMay('collector'), administrator: useMay('administrator') };
  return places.filter((place) => may['least' in place ? place.least : 'administrator']);
}

/** What it renders may ask the server: only where it may. */
function Content({ render }: { render: () => ReactNode }) {
  return render();
}
