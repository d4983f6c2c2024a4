import { TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { QueryState } from '../../../components/query-state.tsx';

/** Says what becomes of a collection's data, and deletes it once its name was typed. */
export function DeleteDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const fate = useQuery({
    queryKey: ['fate', name],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/collections/{name}/fate', { params: { path: { name } }, signal })),
    staleTime: 0,
  });
  const remove = useMutation({
    mutationFn: () =>
      dataOf(api.DELETE('/api/v1/collections/{name}', { params: { path: { name } }, body: { name: typed } })),
    onSuccess: async ({ outcome }) => {
      if (outcome === 'gone') await navigate({ to: '/collections' });
      onClose();
      await queries.invalidateQueries({ queryKey: ['collections'] });
    },
  });
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      action="Delete"
      isDangerous
      isBlocked={typed !== name || fate.data === undefined}
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <QueryState query={fate} what="what becomes of its data">
        {({ sentences }) => (
          <ul>
            {sentences.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        )}
      </QueryState>
      <TextInput
        label={`Type ${name} to go on`}
        maxLength={63}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        error={remove.error?.message}
        onChange={({ currentTarget: { value } }) => setTyped(value)}
      />
    </ConfirmDialog>
  );
}
