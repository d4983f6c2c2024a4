import { Page } from '../../../components/page.tsx';

export function AdminPage() {
  return <Page title="Administration">{null}</Page>;
}
