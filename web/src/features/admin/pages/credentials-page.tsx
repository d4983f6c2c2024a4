import { Page } from '../../../components/page.tsx';

export function CredentialsPage() {
  return <Page title="Credentials">{null}</Page>;
}
