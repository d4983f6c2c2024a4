import { Link } from '@tanstack/react-router';
import { Page } from '../components/page.tsx';

export function UnknownPage() {
  return (
    <Page title="There is no such page">
      <p>
        The address leads nowhere, or what it named is gone. <Link to="/">Back to the overview</Link>
      </p>
    </Page>
  );
}
