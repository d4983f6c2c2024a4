import { useMutation, useQueryClient } from '@tanstack/react-query';
import { sessionKey } from '../../../api/use-session.ts';

/** Something that changes who one is or what there is of users: afterwards all of that is asked for again. */
export function useAct<Input, Output>(call: (input: Input) => Promise<Output>, done?: (output: Output) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: call,
    retry: false,
    onSuccess: async (output) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: sessionKey }),
        queries.invalidateQueries({ queryKey: ['users'] }),
        queries.invalidateQueries({ queryKey: ['profile'] }),
      ]);
      done?.(output);
    },
  });
}
