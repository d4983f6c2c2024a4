import { Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from './page.module.css';

type PageProps = {
  title: string;
  /** A sentence below the title. */
  intro?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  children: ReactNode;
};

/** A page below the shell: its only h1, which takes the focus when the page is opened so that screen readers say where one is. */
export function Page({ title, intro, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · mistnet`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <>
      <div className={classes.head}>
        <div>
          <Title order={1} size="h2" tabIndex={-1} ref={heading} className={classes.title}>
            {title}
          </Title>
          {intro !== undefined && <p className={classes.intro}>{intro}</p>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </>
  );
}
