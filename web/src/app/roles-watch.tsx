import { useLive } from '../api/live.ts';
import type { DisturbedRole } from '../api/types.ts';
import { Instant } from '../components/instant.tsx';
import { Notice } from '../components/notice.tsx';
import { roleWords } from './role-words.ts';
import classes from './shell.module.css';

/** Says which process of the machine has ended, what waits for it, and that it is back. Silent while all is well or nothing is heard. */
export function RolesWatch() {
  const { roles, link } = useLive();
  if (link !== 'live') return null; // the page says that already
  return roles.map((role) => <Disturbed key={role.role} role={role} />);
}

function Disturbed({ role }: { role: DisturbedRole }) {
  const { title, sentence } = roleWords(role);
  return (
    <div className={classes.ended} data-role={role.role}>
      <Notice tone={role.state === 'away' ? 'busy' : 'plain'} title={title}>
        <p>
          {sentence} It ended at <Instant iso={role.endedAt} brief />.
        </p>
      </Notice>
    </div>
  );
}
