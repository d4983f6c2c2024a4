import { Page } from '../../../components/page.tsx';

export function ResetPasswordPage() {
  return <Page title="New password">{null}</Page>;
}
