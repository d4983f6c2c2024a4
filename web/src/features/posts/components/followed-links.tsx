import { Anchor } from '@mantine/core';
import { Instant } from '../../../components/instant.tsx';
import { safeAddress } from '../../../components/post-words.ts';
import type { PostDetail } from '../api/use-posts.ts';
import { endOfLink } from '../link-words.ts';
import classes from './followed-links.module.css';

/** Each link with every redirect and its end, as far as somebody had them followed. Nothing is asked for by looking at it. */
export function FollowedLinks({ links }: { links: PostDetail['followedLinks'] }) {
  if (links.length === 0)
    return (
      <p className={classes.quiet}>
        Nobody had its links followed yet. <code>mistnet urls expand</code> does that.
      </p>
    );
  return (
    <ul className={classes.links}>
      {links.map((link, index) => (
        // A post may hold an address twice.
        <li key={`${index} ${link.link}`}>
          <Address text={link.link} />
          {link.url !== link.link && (
            <>
              , which stands for <Address text={link.url} />
            </>
          )}
          <ol className={classes.steps}>
            {link.redirects.map(({ status, url }, step) => (
              <li key={`${step} ${url}`}>
                {status} from <Address text={url} />
              </li>
            ))}
            <li>
              {endOfLink(link)}
              {link.finalUrl !== null && (
                <>
                  {' '}
                  <Address text={link.finalUrl} />
                </>
              )}
              {link.checkedAt !== null && (
                <span className={classes.quiet}>
                  {' '}
                  <Instant iso={link.checkedAt} />
                </span>
              )}
            </li>
          </ol>
        </li>
      ))}
    </ul>
  );
}

/** Strangers wrote it: only http and https lead anywhere. */
function Address({ text }: { text: string }) {
  const href = safeAddress(text);
  if (href === undefined) return <bdi className={classes.address}>{text}</bdi>;
  return (
    <Anchor href={href} rel="noopener noreferrer nofollow" target="_blank" inherit className={classes.address ?? ''}>
      <bdi>{text}</bdi>
    </Anchor>
  );
}
