import { type Link, useLive } from '../api/live.ts';
import classes from './link-state.module.css';

const words: Record<Link | 'database', string> = {
  live: 'Live',
  connecting: 'Connecting…',
  lost: 'No connection',
  database: 'Database away',
};

/** Whether the figures are live, in two words; the page says the rest. */
export function LinkState() {
  const { link, problem } = useLive();
  const state = link === 'live' && problem !== undefined ? 'database' : link;
  return (
    <span className={classes.state} data-state={state} role="status">
      <span className={classes.dot} aria-hidden="true" />
      {words[state]}
    </span>
  );
}
