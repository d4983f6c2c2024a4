import { Button, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Notice } from './notice.tsx';

type Query<T> = { data: T | undefined; error: Error | null; refetch: () => Promise<unknown> };

/** What was asked of the server, once it is there; until then that it is being read, or why it cannot be had and a button to try again. */
export function QueryState<T>({
  query,
  what,
  children,
}: {
  query: Query<T>;
  what: string;
  children: (data: T) => ReactNode;
}) {
  const { data, error, refetch } = query;
  if (data !== undefined) return children(data);
  if (error === null) return <Skeleton height={120} radius="md" aria-label={`Reading ${what}`} />;
  return (
    <Notice tone="bad" title={`Cannot show ${what}`}>
      <p>{error.message}</p>
      <Button size="xs" variant="default" onClick={() => void refetch()}>
        Try again
      </Button>
    </Notice>
  );
}
