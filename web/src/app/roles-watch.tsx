import { useLive } from '../api/live.ts';
import type { DisturbedRole } from '../api/types.ts';
import { Instant } from '../components/instant.tsx';
import { roleWords } from './role-words.ts';
import classes from './roles-watch.module.css';

/** Says which process of the machine has ended, what waits for it, and that it is back. Silent while all is well or nothing is heard. */
export function RolesWatch() {
  const { roles, link } = useLive();
  // The region is there before anything is in it, so that what comes is read out.
  return <div role="status">{link === 'live' && roles.map((role) => <Disturbed key={role.role} role={role} />)}</div>;
}

function Disturbed({ role }: { role: DisturbedRole }) {
  const { title, cause, effect } = roleWords(role);
  return (
    <p className={classes.role} data-role={role.role} data-state={role.state}>
      <span className={classes.title}>{title}</span>
      <span>
        {cause} at <Instant iso={role.endedAt} brief />. {effect}
      </span>
    </p>
  );
}
