import { Page } from '../../../components/page.tsx';

export function ExportsPage() {
  return <Page title="Exports and datasets">{null}</Page>;
}
