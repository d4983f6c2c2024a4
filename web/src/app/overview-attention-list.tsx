import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Attention } from './overview-attention.ts';
import classes from './overview-attention-list.module.css';

const SHOWN = 6;

/** What needs a person, each with the button that leads to where it is put right. */
export function AttentionList({ attention }: { attention: readonly Attention[] }) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? attention : attention.slice(0, SHOWN);
  return (
    <>
      <ul className={classes.list}>
        {shown.map(({ key, tone, title, sentence, action, to, collection }) => (
          <li key={key} className={classes.item} data-tone={tone}>
            <div className={classes.words}>
              <strong className={classes.title}>{title}</strong>
              <span className={classes.sentence}>{sentence}</span>
            </div>
            {action !== '' && (
              <Button
                size="xs"
                variant="default"
                aria-label={`${action}: ${title}`}
                renderRoot={(props) =>
                  to === '/collections/$name' ? (
                    <Link to={to} params={{ name: collection ?? '' }} {...props} />
                  ) : (
                    <Link to={to} {...props} />
                  )
                }
              >
                {action}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {attention.length > SHOWN && (
        <Button size="xs" variant="default" mt="xs" onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? 'Show fewer' : `Show ${attention.length - SHOWN} more`}
        </Button>
      )}
    </>
  );
}
