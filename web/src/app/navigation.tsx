import { UnstyledButton } from '@mantine/core';
import { Link, useRouterState } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useMay, useSession } from '../api/use-session.ts';
import classes from './navigation.module.css';

const places = [
  { to: '/', label: 'Overview' },
  { to: '/collections', label: 'Collections' },
  { to: '/posts', label: 'Posts' },
  { to: '/accounts', label: 'Accounts' },
  { to: '/jobs', label: 'Jobs' },
  { to: '/exports', label: 'Exports' },
] as const;

/** The way to every page: a row of links, on small screens behind a button. */
export function Navigation() {
  const { data: session } = useSession();
  const isAdministrator = useMay('administrator');
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [open, setOpen] = useState(false);
  const listId = useId();
  // Another page closes it.
  const [openedAt, setOpenedAt] = useState(path);
  if (openedAt !== path) {
    setOpenedAt(path);
    setOpen(false);
  }
  if (session === undefined || session.role === 'nobody') return null;
  return (
    <nav aria-label="Pages" className={classes.navigation}>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={open}
        aria-controls={listId}
        onClick={() => setOpen(!open)}
      >
        Menu
      </UnstyledButton>
      <ul id={listId} className={classes.list} data-open={open}>
        {places.map(({ to, label }) => (
          <li key={to}>
            <Place to={to} label={label} />
          </li>
        ))}
        <li>{isAdministrator ? <Place to="/admin" label="Admin" /> : <Place to="/admin/alerts" label="Alerts" />}</li>
        <li className={classes.last}>
          {session.user === null ? (
            <Place
              to={session.setupNeeded && !session.demo ? '/welcome' : '/sign-in'}
              label={session.setupNeeded && !session.demo ? 'Set up' : 'Sign in'}
            />
          ) : (
            <Place to="/profile" label={session.user.name} />
          )}
        </li>
      </ul>
    </nav>
  );
}

function Place({ to, label }: { to: string; label: string }) {
  return (
    <Link
      to={to}
      className={classes.place}
      activeProps={{ 'aria-current': 'page' }}
      activeOptions={{ exact: to === '/' }}
    >
      {label}
    </Link>
  );
}
