import classes from './admin.module.css';
import type { Tone } from './badge.tsx';

/** How much of a whole: a bar with its words. Full from 1 on. */
export function ShareBar({ share, label, tone = 'idle' }: { share: number; label: string; tone?: Tone }) {
  return (
    <svg className={classes.bar} viewBox="0 0 1000 8" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect width="1000" height="8" className={classes.barEmpty} />
      <rect width={Math.min(1, Math.max(0, share)) * 1000} height="8" className={classes.barFill} data-tone={tone} />
    </svg>
  );
}
