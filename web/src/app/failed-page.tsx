import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';

/** In place of a page that could not be drawn, mostly since its part of the program could not be fetched: the server is away, or another version now. */
export function FailedPage({ error }: ErrorComponentProps) {
  return (
    <Page title="This page cannot be shown now">
      <Notice tone="bad" title="A part of it is missing">
        <p>
          mistnet does not answer, or it has become another version since you opened it. (
          {error instanceof Error ? error.message : String(error)})
        </p>
        <Button size="sm" onClick={() => window.location.reload()}>
          Load it again
        </Button>
      </Notice>
    </Page>
  );
}
