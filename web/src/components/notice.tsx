import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './notice.module.css';

/** Says what is wrong or missing and what to do. `bad` is announced at once, the others when there is a pause. */
export function Notice({
  tone,
  title,
  children,
}: {
  tone: 'bad' | 'busy' | 'plain';
  title: string;
  children: ReactNode;
}) {
  return (
    <Alert
      title={title}
      role={tone === 'bad' ? 'alert' : 'status'}
      variant="outline"
      data-tone={tone}
      classNames={{ root: classes.root, title: classes.title, message: classes.message }}
    >
      {children}
    </Alert>
  );
}
