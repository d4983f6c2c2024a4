import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { serverAddress } from '../api/base.ts';
import { ApiError } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import { sessionKey, useSession } from '../api/use-session.ts';
import { Notice } from '../components/notice.tsx';
import classes from './shell.module.css';

/** So often a page whose session has ended looks whether somebody has signed in elsewhere. */
const LOOK_EVERY_MS = 3_000;

/** Pages that are there for whoever has not signed in. */
const OPEN = /^\/(sign-in|welcome|invitation\/|reset-password\/)/;

/**
 * Leads whoever is nobody to the way in, and back afterwards. A session that ends while a page is open is noticed by the first refusal: then what is
 * on the page stays, half-filled forms too, with a word on how to go on; once somebody is signed in again, it does.
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
  const hasEnded = isNobody && wasIn;
  useEffect(() => {
    const noticeRefusal = (error: unknown, refusedAt: number) => {
      if (!(error instanceof ApiError) || error.code !== 'sign-in.required') return;
      const known = queries.getQueryState(sessionKey);
      if (known !== undefined && known.fetchStatus === 'idle' && known.dataUpdatedAt < refusedAt)
        void queries.invalidateQueries({ queryKey: sessionKey });
    };
    const ends = [
      queries.getQueryCache().subscribe(({ query: { queryKey, state } }) => {
        if (queryKey[0] !== sessionKey[0]) noticeRefusal(state.error, state.errorUpdatedAt);
      }),
      queries.getMutationCache().subscribe(({ mutation }) => {
        if (mutation?.state.status === 'error') noticeRefusal(mutation.state.error, mutation.state.submittedAt);
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [queries]);
  useEffect(() => {
    if (!hasEnded) return undefined;
    const timer = setInterval(() => void queries.invalidateQueries({ queryKey: sessionKey }), LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      void queries.invalidateQueries();
    };
  }, [hasEnded, queries]);
  useEffect(() => {
    if (!isNobody || wasIn || OPEN.test(path)) return;
    void navigate({ href: signInHref(session?.setupNeeded === true, href), replace: true });
  }, [isNobody, wasIn, path, href, session, navigate]);
  if (isNobody && !wasIn && !OPEN.test(path)) return null;
  // One shape for all cases: were the page put elsewhere when the session ends, it would be made anew, and its forms be empty.
  return (
    <>
      {hasEnded && !OPEN.test(path) ? <Ended /> : session !== undefined && !isNobody ? <LossWatch /> : null}
      {children}
    </>
  );
}

function Ended() {
  return (
    <div className={classes.ended}>
      <Notice tone="bad" title="Your session has ended">
        <p>
          What you see is as it was, and what you have typed stays. Sign in again in a new tab: this page then goes on
          by itself.
        </p>
        <Button size="sm" component="a" href={serverAddress('/sign-in')} target="_blank">
          Sign in
        </Button>
      </Notice>
    </div>
  );
}

/** A session that has ended breaks the link as well. Not there for whoever is nobody: they have none. */
function LossWatch(): null {
  const { link } = useLive();
  const queries = useQueryClient();
  useEffect(() => {
    if (link === 'lost') void queries.invalidateQueries({ queryKey: sessionKey });
  }, [link, queries]);
  return null;
}

function signInHref(setupNeeded: boolean, from: string): string {
  if (setupNeeded) return '/welcome';
  return from === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(from)}`;
}
