import { Page } from '../../../components/page.tsx';

export function PostPage() {
  return <Page title="Post">{null}</Page>;
}
