import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import classes from './post-text.module.css';
import { type TextLink, textParts } from './post-words.ts';

/** A post's text with its links, @names and #tags clickable. The direction is the text's own; line breaks stay. */
export function PostText({ text, links = [] }: { text: string; links?: readonly TextLink[] }) {
  return (
    <p className={classes.text} dir="auto">
      {textParts(text, links).map((part, index) => {
        // Parts never change their places.
        if (part.kind === 'plain') return <span key={index}>{part.text}</span>;
        if (part.kind === 'link')
          return (
            <Anchor
              key={index}
              href={part.href}
              rel="noopener noreferrer nofollow"
              target="_blank"
              className={classes.word ?? ''}
              inherit
            >
              {part.text}
            </Anchor>
          );
        const q = part.kind === 'mention' ? `@${part.handle}` : `#${part.tag}`;
        return (
          <Link key={index} to="/posts" search={{ q }} className={classes.word}>
            <bdi>{part.text}</bdi>
          </Link>
        );
      })}
    </p>
  );
}
