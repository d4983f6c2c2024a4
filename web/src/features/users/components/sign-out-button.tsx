import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { serverAddress } from '../../../api/base.ts';
import { api, dataOf } from '../../../api/api.ts';
import { useAct } from '../api/act.ts';

/** Ends the session; what was read in it is forgotten by the page. */
export function SignOutButton() {
  const queries = useQueryClient();
  const signOut = useAct(
    () => dataOf(api.DELETE('/api/v1/session')),
    () => {
      queries.clear();
      window.location.assign(serverAddress('/sign-in'));
    },
  );
  return (
    <Button variant="default" loading={signOut.isPending} onClick={() => signOut.mutate(undefined)}>
      Sign out
    </Button>
  );
}
