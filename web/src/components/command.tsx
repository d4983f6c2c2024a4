import { Code } from '@mantine/core';
import { Fragment } from 'react';
import classes from './command.module.css';

/** A command to type, on a line of its own; one click selects it all. */
export function Command({ children }: { children: string }) {
  return (
    <Code block className={classes.command ?? ''}>
      {children.split(' ').map((word, index) => (
        // A word never changes its place; without this a line would break after the hyphens of an option.
        <Fragment key={index}>
          {index > 0 && ' '}
          <span className={classes.word}>{word}</span>
        </Fragment>
      ))}
    </Code>
  );
}
