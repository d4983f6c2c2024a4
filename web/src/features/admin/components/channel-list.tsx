import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Instant } from '../../../components/instant.tsx';
import { Notice } from '../../../components/notice.tsx';
import { formatQuantity } from '../../../format.ts';
import { type AlertChannels, useDeed } from '../api/use-admin.ts';
import classes from './admin.module.css';
import { Badge } from './badge.tsx';
import { DeedError } from './deed-error.tsx';

type Channel = AlertChannels['channels'][number];
type Delivery = AlertChannels['deliveries'][number];

/** Mail addresses and webhooks: added, tried, turned off, removed; and what was sent last. */
export function ChannelList({ channels: { channels, deliveries, hasMail } }: { channels: AlertChannels }) {
  return (
    <div className={classes.stack}>
      {!hasMail && (
        <Notice tone="plain" title="No mail server is configured">
          Set <code>MISTNET_SMTP_URL</code> and <code>MISTNET_MAIL_FROM</code> and start mistnet again; webhooks work
          without.
        </Notice>
      )}
      {channels.length === 0 ? (
        <p className={classes.quiet}>Nobody is told yet: alerts are shown on this page alone.</p>
      ) : (
        <ul className={classes.list} aria-label="Channels">
          {channels.map((channel) => (
            <ChannelItem key={channel.channelId} channel={channel} />
          ))}
        </ul>
      )}
      <Disclosure summary="Add a mail address or a webhook">{() => <AddChannel />}</Disclosure>
      <Disclosure summary="What was sent last">
        {() => <Deliveries deliveries={deliveries} channels={channels} />}
      </Disclosure>
    </div>
  );
}

function ChannelItem({ channel }: { channel: Channel }) {
  const { channelId, kind, address, isOn, failure, triedAt, waiting } = channel;
  const [isRemoving, setIsRemoving] = useState(false);
  const path = { params: { path: { channelId } } };
  const test = useDeed(() => dataOf(api.POST('/api/v1/alert-channels/{channelId}/test', path)), 'alert-channels');
  const turn = useDeed(
    () => dataOf(api.PATCH('/api/v1/alert-channels/{channelId}', { ...path, body: { isOn: !isOn } })),
    'alert-channels',
  );
  const remove = useDeed(
    () => dataOf(api.DELETE('/api/v1/alert-channels/{channelId}', path)),
    ...['alert-channels', 'alert-rules'],
  );
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <h3 className={classes.cardTitle}>{address}</h3>
        <Badge tone={!isOn ? 'idle' : failure === null ? (triedAt === null ? 'idle' : 'good') : 'bad'}>
          {!isOn ? 'off' : failure === null ? (triedAt === null ? 'not tried yet' : 'works') : 'fails'}
        </Badge>
      </div>
      <p className={classes.quiet}>
        {kind === 'mail' ? 'Mail' : 'Webhook, signed'}
        {triedAt !== null && (
          <>
            {' '}
            · tried on <Instant iso={triedAt} />
          </>
        )}
        {waiting > 0 && <> · {formatQuantity(waiting, 'message')} waiting</>}
      </p>
      {failure !== null && <p className={classes.line}>The newest try failed: {failure}</p>}
      <DeedError error={test.error ?? turn.error ?? remove.error} />
      <div className={classes.actions}>
        <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
          Send a test
        </Button>
        <Button size="xs" variant="default" loading={turn.isPending} onClick={() => turn.mutate()}>
          {isOn ? 'Turn off' : 'Turn on'}
        </Button>
        <Button size="xs" variant="default" onClick={() => setIsRemoving(true)}>
          Remove …
        </Button>
      </div>
      {test.isSuccess && !test.isPending && (
        <p className={classes.quiet} role="status">
          A test is on its way; its end shows here within seconds.
        </p>
      )}
      {isRemoving && (
        <ConfirmDialog
          title="Remove this channel?"
          action="Remove"
          isDangerous
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => setIsRemoving(false) })}
          onClose={() => setIsRemoving(false)}
        >
          No alert is sent to {address} any more; what waits for it is dropped.
        </ConfirmDialog>
      )}
    </li>
  );
}

function AddChannel() {
  const [kind, setKind] = useState<'mail' | 'webhook'>('mail');
  const [address, setAddress] = useState('');
  const add = useDeed(
    () => dataOf(api.POST('/api/v1/alert-channels', { body: { kind, address: address.trim() } })),
    'alert-channels',
  );
  const secret = add.data?.secret ?? null;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(undefined, { onSuccess: () => setAddress('') });
      }}
    >
      <DeedError error={add.error} />
      <div className={classes.row}>
        <NativeSelect
          label="Kind"
          className={classes.narrow ?? ''}
          data={[
            { value: 'mail', label: 'Mail' },
            { value: 'webhook', label: 'Webhook' },
          ]}
          value={kind}
          onChange={({ currentTarget: { value } }) => setKind(value === 'webhook' ? 'webhook' : 'mail')}
        />
        <TextInput
          className={classes.wide ?? ''}
          label={kind === 'mail' ? 'Mail address' : 'Address of the webhook'}
          maxLength={kind === 'mail' ? 254 : 2_000}
          error={errorAt(add.error, 'address', 'channel.exists')}
          placeholder={kind === 'mail' ? 'ada@example.org' : 'https://example.org/hooks/mistnet'}
          type={kind === 'mail' ? 'email' : 'url'}
          required
          value={address}
          onChange={({ currentTarget: { value } }) => setAddress(value)}
        />
        <Button type="submit" loading={add.isPending}>
          Add
        </Button>
      </div>
      <p className={classes.quiet}>
        {kind === 'mail'
          ? 'Each alert is one mail, and one when it is over.'
          : 'Each alert is one POST of JSON, signed by HMAC-SHA-256. Addresses of this machine and of private networks are refused unless MISTNET_WEBHOOKS_ALLOW names them.'}
      </p>
      {secret !== null && (
        <Notice tone="busy" title="The secret of this webhook, told this once">
          <code className={classes.secret}>{secret}</code>
          <p>
            The receiver checks <code>x-mistnet-signature</code> with it: HMAC-SHA-256 over the timestamp, a dot, and
            the body.
          </p>
        </Notice>
      )}
    </form>
  );
}

const eventWords = { opened: 'opened', reminder: 'reminder', resolved: 'over', test: 'test' } as const;

function Deliveries({ deliveries, channels }: { deliveries: readonly Delivery[]; channels: readonly Channel[] }) {
  if (deliveries.length === 0) return <p className={classes.quiet}>Nothing was sent yet.</p>;
  const addresses = new Map(channels.map(({ channelId, address }) => [channelId, address]));
  return (
    <DataTable
      caption="The newest deliveries"
      rows={deliveries}
      keyOf={({ deliveryId }) => deliveryId}
      columns={[
        { title: 'When', cell: ({ madeAt }) => <Instant iso={madeAt} /> },
        { title: 'To', cell: ({ channelId }) => addresses.get(channelId) ?? 'a channel that was removed' },
        {
          title: 'What',
          cell: ({ event, alertId }) => `${eventWords[event]}${alertId === null ? '' : ` (alert ${alertId})`}`,
        },
        {
          title: 'State',
          cell: ({ state, notBefore }) =>
            state === 'waiting' ? (
              <>
                waits until <Instant iso={notBefore} />
              </>
            ) : (
              state
            ),
        },
        { title: 'Tries', numeric: true, cell: ({ tries }) => tries },
        { title: 'Failure', cell: ({ failure }) => failure ?? '' },
      ]}
    />
  );
}
