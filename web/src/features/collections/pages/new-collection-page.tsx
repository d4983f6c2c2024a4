import { Page } from '../../../components/page.tsx';

export function NewCollectionPage() {
  return <Page title="New collection">{null}</Page>;
}
