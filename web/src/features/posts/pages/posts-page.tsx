import { Page } from '../../../components/page.tsx';

export function PostsPage() {
  return <Page title="Posts">{null}</Page>;
}
