import { Button, type ButtonProps } from '@mantine/core';

/** Of a list that comes page by page. */
export type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

/** Fetches the next page of a list; not there at its end. `children`: what is shown then, `Show older posts`. */
export function MoreButton({ query, children, ...look }: { query: Paged; children: string } & ButtonProps) {
  if (!query.hasNextPage) return null;
  return (
    <Button
      variant="default"
      {...look}
      loading={query.isFetchingNextPage}
      onClick={() => {
        void query.fetchNextPage();
      }}
    >
      {children}
    </Button>
  );
}
