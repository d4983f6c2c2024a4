import { Page } from '../../../components/page.tsx';

export function BudgetsPage() {
  return <Page title="Budgets">{null}</Page>;
}
