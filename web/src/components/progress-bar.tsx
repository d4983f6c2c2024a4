import classes from './progress-bar.module.css';

/** How far something has come. `max` undefined: how much there is to do is not known yet. `label` is read out. */
export function ProgressBar({ label, value, max }: { label: string; value: number; max: number | undefined }) {
  return max === undefined ? (
    <progress className={classes.bar} aria-label={label} />
  ) : (
    <progress className={classes.bar} aria-label={label} value={Math.min(value, max)} max={Math.max(1, max)} />
  );
}
