import { Notice } from '../../../components/notice.tsx';

/** Why something could not be done, in the server's words; nothing while all is well. */
export function DeedError({ error }: { error: Error | null }) {
  if (error === null) return null;
  return (
    <Notice tone="bad" title="This was not done">
      {error.message}
    </Notice>
  );
}
