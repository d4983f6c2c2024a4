import { Page } from '../../../components/page.tsx';

export function StoragePage() {
  return <Page title="Storage">{null}</Page>;
}
