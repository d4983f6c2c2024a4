import { Page } from '../../../components/page.tsx';

export function ProfilePage() {
  return <Page title="Your account">{null}</Page>;
}
