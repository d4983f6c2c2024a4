import type { ReactNode } from 'react';
import classes from './admin.module.css';

export type Tone = 'good' | 'busy' | 'bad' | 'idle';

/** A state in a word; its colour says nothing that the word does not. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {children}
    </span>
  );
}
