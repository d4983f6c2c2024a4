import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';

/** What browsers say of a part of the program that did not come. */
const NOT_FETCHED = /dynamically imported module|importing a module script|unable to preload/i;

/** In place of a page that could not be drawn: its part of the program could not be fetched, or the page itself failed. */
export function FailedPage({ error }: ErrorComponentProps) {
  const cause = error instanceof Error ? error.message : String(error);
  const isMissing = NOT_FETCHED.test(cause);
  return (
    <Page title="This page cannot be shown now">
      <Notice tone="bad" title={isMissing ? 'A part of it is missing' : 'It failed while it was drawn'}>
        <p>
          {isMissing
            ? 'mistnet does not answer, or it has become another version since you opened it.'
            : 'That is a fault of mistnet. What is collected goes on. If it stays so, tell whoever runs this mistnet what stands here:'}{' '}
          ({cause})
        </p>
        <Button size="sm" onClick={() => window.location.reload()}>
          Load it again
        </Button>
      </Notice>
    </Page>
  );
}
