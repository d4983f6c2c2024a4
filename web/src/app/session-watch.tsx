import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { sessionKey, useSession } from '../api/use-session.ts';
import { Notice } from '../components/notice.tsx';
import classes from './shell.module.css';

/** Pages that are there for whoever has not signed in. */
const OPEN = /^\/(sign-in|welcome|invitation\/|reset-password\/)/;

/**
 * Leads whoever is nobody to the way in, and back afterwards. A session that ends while a page is open is noticed by the first refusal: then what is
 * on the page stays, with a word on how to go on.
 */
export function SessionWatch({ children }: { children: ReactNode }) {
  const { data: session } = useSession();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const href = useRouterState({ select: ({ location }) => location.href });
  const [wasIn, setWasIn] = useState(false);
  const isNobody = session?.role === 'nobody';
  if (!wasIn && session !== undefined && !isNobody) setWasIn(true);
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        const { error } = query.state;
        if (error instanceof ApiError && error.code === 'sign-in.required' && query.queryKey[0] !== sessionKey[0]) {
          const known = queries.getQueryState(sessionKey);
          if (known !== undefined && known.fetchStatus === 'idle' && known.dataUpdatedAt < query.state.errorUpdatedAt)
            void queries.invalidateQueries({ queryKey: sessionKey });
        }
      }),
    [queries],
  );
  useEffect(() => {
    if (!isNobody || wasIn || OPEN.test(path)) return;
    void navigate({ href: signInHref(session?.setupNeeded === true, href), replace: true });
  }, [isNobody, wasIn, path, href, session, navigate]);
  if (!isNobody || OPEN.test(path)) return children;
  if (!wasIn) return null;
  return (
    <>
      <div className={classes.ended}>
        <Notice tone="bad" title="Your session has ended">
          <p>What you see is as it was. Sign in again to go on here.</p>
          <Button size="sm" onClick={() => void navigate({ href: signInHref(false, href) })}>
            Sign in
          </Button>
        </Notice>
      </div>
      {children}
    </>
  );
}

function signInHref(setupNeeded: boolean, from: string): string {
  if (setupNeeded) return '/welcome';
  return from === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(from)}`;
}
