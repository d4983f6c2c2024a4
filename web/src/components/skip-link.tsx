import type { ReactNode } from 'react';
import classes from './skip-link.module.css';

/** Seen when the keyboard reaches it: leads past much that would have to be walked through, or back over it. */
export function SkipLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <a
      className={classes.skip}
      href={`#${to}`}
      onClick={(event) => {
        // The address belongs to the search.
        event.preventDefault();
        const target = document.getElementById(to);
        target?.focus({ preventScroll: true });
        target?.scrollIntoView({ block: 'start' });
      }}
    >
      {children}
    </a>
  );
}
