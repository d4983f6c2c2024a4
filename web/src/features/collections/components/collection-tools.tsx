import { Button, Radio } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { NumberField } from '../../../components/number-field.tsx';
import { numberOf } from '../../../components/number-words.ts';
import { type CollectionDetail, useChange } from '../api/use-collections.ts';
import { KEEP_DAYS } from '../new-collection.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import { SwitchButton } from './switch-button.tsx';
import classes from './filter-form.module.css';

/** What one can do with a collection, as far as one may. */
export function CollectionTools({ collection }: { collection: CollectionDetail }) {
  const { name, access } = collection;
  const [isKeeping, setIsKeeping] = useState(false);
  const [isDeleting, setIsDeleting] = useState(false);
  const mayEdit = access !== 'view';
  return (
    <>
      {mayEdit && <SwitchButton collection={collection} />}
      <Button
        variant="default"
        renderRoot={(props) => <Link to="/posts" search={{ collection: name } as never} {...props} />}
      >
        Search its posts
      </Button>
      <Button
        variant="default"
        renderRoot={(props) => <Link to="/exports" search={{ collection: name } as never} {...props} />}
      >
        Download
      </Button>
      {mayEdit && (
        <Button variant="default" onClick={() => setIsKeeping(true)}>
          Keeping
        </Button>
      )}
      {access === 'own' && (
        <Button variant="default" onClick={() => setIsDeleting(true)}>
          Delete
        </Button>
      )}
      {isDeleting && <DeleteDialog name={name} onClose={() => setIsDeleting(false)} />}
      {isKeeping && <KeepDialog collection={collection} onClose={() => setIsKeeping(false)} />}
    </>
  );
}

function KeepDialog({ collection: { name, keep }, onClose }: { collection: CollectionDetail; onClose: () => void }) {
  const days = /^days:(\d+)$/.exec(keep)?.[1];
  const [kind, setKind] = useState(days === undefined ? keep : 'days');
  const [number, setNumber] = useState(days ?? '30');
  const change = useChange(name);
  const wish = kind === 'days' ? `days:${numberOf(number, KEEP_DAYS) ?? ''}` : kind;
  return (
    <ConfirmDialog
      title={`How long posts of ${name} stay`}
      action="Keep it so"
      isBlocked={wish === keep || !/^(all|files|days:[1-9][0-9]{0,4})$/.test(wish)}
      isBusy={change.isPending}
      onConfirm={() => change.mutate({ keep: wish }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <div className={classes.form}>
        <Radio.Group label="In the database" value={kind} onChange={setKind} error={change.error?.message}>
          <div className={classes.checks}>
            <Radio value="all" label="For good" />
            <Radio value="days" label="Some days" />
            <Radio value="files" label="Not at all: files only" />
          </div>
        </Radio.Group>
        {kind === 'days' && <NumberField label="Days" bounds={KEEP_DAYS} value={number} onChange={setNumber} />}
        <p>
          {kind === 'all'
            ? 'Nothing is removed any more. What was removed before comes back by: mistnet rebuild.'
            : 'Older posts leave the database with the next daily retention, never before their files were found whole. Files stay.'}
        </p>
      </div>
    </ConfirmDialog>
  );
}
