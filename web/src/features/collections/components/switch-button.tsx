import { Button } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { Notice } from '../../../components/notice.tsx';
import { type CollectionDetail, useSwitch } from '../api/use-collections.ts';

/** Starts or stops a collection; before a stop it says what that means. */
export function SwitchButton({ collection: { name, wanted, kind } }: { collection: CollectionDetail }) {
  const [isAsking, setIsAsking] = useState(false);
  const change = useSwitch(name);
  if (kind === 'import') return null;
  const isActive = wanted === 'active';
  return (
    <>
      <Button
        variant={isActive ? 'default' : 'filled'}
        loading={change.isPending}
        onClick={() => (isActive ? setIsAsking(true) : change.mutate('start'))}
      >
        {isActive ? 'Stop' : 'Start'}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`Stop ${name}?`}
          action="Stop collecting"
          isBusy={change.isPending}
          onConfirm={() => change.mutate('stop', { onSettled: () => setIsAsking(false) })}
          onClose={() => setIsAsking(false)}
        >
          What was collected stays, and it can be started again. What is posted meanwhile is missing for good, unless
          the platform can still give it then.
        </ConfirmDialog>
      )}
      {change.error !== null && (
        <ConfirmDialog
          title={`${name} could not be ${isActive ? 'stopped' : 'started'}`}
          action="Understood"
          onConfirm={change.reset}
          onClose={change.reset}
        >
          <Notice tone="bad" title="Why">
            {change.error.message}
          </Notice>
        </ConfirmDialog>
      )}
    </>
  );
}
