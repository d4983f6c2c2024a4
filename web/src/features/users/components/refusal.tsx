import { Notice } from '../../../components/notice.tsx';

/** Why something was refused, in the server's words; nothing while there is no error. */
export function Refusal({ error, title = 'That did not work' }: { error: Error | null; title?: string }) {
  if (error === null) return null;
  return (
    <Notice tone="bad" title={title}>
      {error.message}
    </Notice>
  );
}
