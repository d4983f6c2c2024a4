import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { serverAddress } from '../api/base.ts';
import { fetchOwnNode } from '../api/client.ts';
import { useLive } from '../api/live.ts';
import { useIsIn } from '../api/use-session.ts';
import { ColorSchemeToggle } from './color-scheme-toggle.tsx';
import { InstitutionLines } from './institution-lines.tsx';
import { LinkState } from './link-state.tsx';
import { Navigation } from './navigation.tsx';
import { RolesWatch } from './roles-watch.tsx';
import { SessionWatch } from './session-watch.tsx';
import classes from './shell.module.css';

/** What stands around every page: name, whether figures are live, theme; at the end, version and the way to the API. */
export function Shell({ children }: { children: ReactNode }) {
  // Before somebody is known there is nothing live to read.
  const isIn = useIsIn();
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link className={classes.brand} to="/" aria-label="mistnet, overview">
            <img src={serverAddress('/favicon.svg')} alt="" width={28} height={28} />
            <span>mistnet</span>
          </Link>
          <Navigation />
          <div className={classes.tools}>
            {isIn && <LinkState />}
            <ColorSchemeToggle />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} className={classes.main}>
        {isIn && <RolesWatch />}
        <SessionWatch>{children}</SessionWatch>
      </main>
      <footer className={classes.footer}>
        <InstitutionLines />
        {isIn ? <VersionLines /> : <span>mistnet · times are UTC</span>}
      </footer>
    </>
  );
}

function VersionLines() {
  const { link } = useLive();
  // Asked again after an interruption: the server that comes back may be another version.
  const { data } = useQuery({ queryKey: ['node', link === 'live'], queryFn: ({ signal }) => fetchOwnNode(signal) });
  return (
    <>
      <span>mistnet{data === undefined ? '' : ` ${data.version}`} · times are UTC</span>
      <span>
        <Anchor href={serverAddress('/api/v1/status')} inherit>
          Status as JSON
        </Anchor>
        {' · '}
        <Anchor href={serverAddress('/api/v1/openapi.json')} inherit>
          API description
        </Anchor>
      </span>
    </>
  );
}
