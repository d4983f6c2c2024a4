import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { useMay } from '../../../api/use-session.ts';
import { Instant } from '../../../components/instant.tsx';
import { mayGoTo, placeOfAlert } from '../alert-places.ts';
import { type Alert, useDeed } from '../api/use-admin.ts';
import classes from './admin.module.css';
import { Badge, type Tone } from './badge.tsx';
import { DeedError } from './deed-error.tsx';

/** An alert with the way to where it is put right, and to say that one knows. */
export function AlertItem({ alert }: { alert: Alert }) {
  const [isAsking, setIsAsking] = useState(false);
  const mayAcknowledge = useMay('collector') && alert.state === 'open';
  const isAdministrator = useMay('administrator');
  const place = placeOfAlert(alert);
  // What is put right among the alerts needs no way there.
  const hasWay = alert.state !== 'resolved' && place.to !== '/admin/alerts' && mayGoTo(place, isAdministrator);
  const { title, sentence, state, isUrgent, openedAt, closedAt, acknowledgedBy, acknowledgedAt, note } = alert;
  return (
    <li className={classes.card} data-tone={isUrgent && state === 'open' ? 'bad' : undefined}>
      <div className={classes.cardHead}>
        <h3 className={classes.cardTitle}>{title}</h3>
        <Badge tone={toneOf(alert)}>{isUrgent && state === 'open' ? 'open, urgent' : state}</Badge>
      </div>
      <p className={classes.line}>{sentence}</p>
      <p className={classes.quiet}>
        Since <Instant iso={openedAt} />
        {closedAt !== null && (
          <>
            , until <Instant iso={closedAt} />
          </>
        )}
        {acknowledgedAt !== null && (
          <>
            {' '}
            · acknowledged by {acknowledgedBy} on <Instant iso={acknowledgedAt} />
            {note !== null && <>: “{note}”</>}
          </>
        )}
      </p>
      {(hasWay || mayAcknowledge) && !isAsking && (
        <div className={classes.actions}>
          {hasWay && (
            <Button
              size="xs"
              variant="default"
              aria-label={`${place.action}: ${title}`}
              renderRoot={(props) =>
                place.to === '/collections/$name' ? (
                  <Link to={place.to} params={{ name: place.collection ?? '' }} {...props} />
                ) : (
                  <Link to={place.to} {...props} />
                )
              }
            >
              {place.action}
            </Button>
          )}
          {mayAcknowledge && (
            <Button size="xs" variant="default" onClick={() => setIsAsking(true)}>
              Acknowledge …
            </Button>
          )}
        </div>
      )}
      {isAsking && state === 'open' && <Acknowledge alertId={alert.alertId} onDone={() => setIsAsking(false)} />}
    </li>
  );
}

function Acknowledge({ alertId, onDone }: { alertId: string; onDone: () => void }) {
  const [note, setNote] = useState('');
  const deed = useDeed(
    () =>
      dataOf(api.POST('/api/v1/alerts/{alertId}/acknowledgement', { params: { path: { alertId } }, body: { note } })),
    'alerts',
  );
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault();
        deed.mutate(undefined, { onSuccess: onDone });
      }}
    >
      <DeedError error={deed.error} />
      <div className={classes.row}>
        <TextInput
          className={classes.wide ?? ''}
          label="Note for the others"
          description="What is being done about it; may stay empty"
          maxLength={1_000}
          value={note}
          onChange={({ currentTarget: { value } }) => setNote(value)}
        />
        <Button type="submit" loading={deed.isPending}>
          Acknowledge
        </Button>
        <Button variant="default" onClick={onDone}>
          Not now
        </Button>
      </div>
    </form>
  );
}

function toneOf({ state, isUrgent }: Alert): Tone {
  if (state === 'open') return isUrgent ? 'bad' : 'busy';
  return state === 'resolved' ? 'good' : 'idle';
}
