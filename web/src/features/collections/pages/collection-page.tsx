import { Page } from '../../../components/page.tsx';

export function CollectionPage() {
  return <Page title="Collection">{null}</Page>;
}
