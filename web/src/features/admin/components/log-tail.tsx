import { useEffect, useRef } from 'react';
import { QueryState } from '../../../components/query-state.tsx';
import { type RestartableRole, useLogTail } from '../api/use-admin.ts';
import classes from './admin.module.css';

/** The end of a log, following it; secrets and addresses of people are taken out by the server. */
export function LogTail({ node, role }: { node: string; role: RestartableRole | 'postgres' }) {
  const query = useLogTail(node, role);
  const box = useRef<HTMLPreElement>(null);
  const text = query.data?.lines?.join('\n');
  useEffect(() => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    <QueryState query={query} what="the log">
      {({ lines, isCut }) =>
        lines === null ? (
          <p className={classes.quiet}>There is no such log here.</p>
        ) : (
          <pre className={classes.log} ref={box} role="log" tabIndex={0} aria-label={`Last lines of the ${role}’s log`}>
            {isCut ? '… there is more before, in the file\n' : ''}
            {lines.length === 0 ? 'Nothing was written yet.' : text}
          </pre>
        )
      }
    </QueryState>
  );
}
