import { Page } from '../../../components/page.tsx';

export function CollectionsPage() {
  return <Page title="Collections">{null}</Page>;
}
