import { Notice } from '../../../components/notice.tsx';
import { formatInstant } from '../../../format.ts';
import classes from './form.module.css';

/** A link that lets somebody in once: sent, or to be handed on. */
export function OneTimeLink({
  link,
  sent,
  expiresAt,
  to,
}: {
  link: string | null;
  sent: boolean;
  expiresAt: string;
  to: string;
}) {
  return (
    <Notice tone="plain" title={sent ? `A mail is on its way to ${to}` : `Hand this link to ${to}`}>
      {link !== null && <code className={classes.secret}>{link}</code>}
      <p className={classes.quiet}>It works once, until {formatInstant(expiresAt)}. It is not shown again.</p>
    </Notice>
  );
}
