import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../../../components/notice.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { type Sharing, type SharingWish, usePeople, useSetSharing, useSharing } from '../api/use-sharing.ts';
import classes from './seeds-section.module.css';

const levels = [
  { value: 'view', label: 'may look' },
  { value: 'edit', label: 'may change' },
];

/** Whose a collection is, who sees it, and with whom it is shared. */
export function SharingSection({ name, isOwn }: { name: string; isOwn: boolean }) {
  const query = useSharing(name);
  return (
    <QueryState query={query} what="with whom it is shared">
      {(sharing) => (isOwn ? <SharingForm name={name} sharing={sharing} /> : <SharingWords sharing={sharing} />)}
    </QueryState>
  );
}

function SharingWords({ sharing: { owner, visibility, shares } }: { sharing: Sharing }) {
  return (
    <p>
      {owner === null ? 'It belongs to nobody: administrators change it.' : `It belongs to ${owner.name}.`}{' '}
      {visibility === 'everybody' ? 'Everybody who is signed in sees it.' : 'It is private.'}
      {shares.length > 0 && ` Shared with ${shares.map((share) => share.name).join(', ')}.`}
    </p>
  );
}

function SharingForm({ name, sharing }: { name: string; sharing: Sharing }) {
  const { data: people } = usePeople();
  const change = useSetSharing(name);
  const [chosen, setChosen] = useState('');
  const { owner, visibility, shares } = sharing;
  const wish: SharingWish = {
    ...{ ownerId: owner?.userId ?? null, visibility },
    shares: shares.map(({ userId, access }) => ({ userId, access })),
  };
  const others = (people?.people ?? []).filter(
    ({ userId }) => userId !== owner?.userId && !shares.some((share) => share.userId === userId),
  );
  return (
    <>
      <SharingWords sharing={{ ...sharing, shares: [] }} />
      <NativeSelect
        label="Who sees it?"
        mb="sm"
        value={visibility}
        disabled={change.isPending}
        data={[
          { value: 'everybody', label: 'Everybody who is signed in' },
          { value: 'private', label: 'Its owner, whom it is shared with, and administrators' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          change.mutate({ ...wish, visibility: value === 'private' ? 'private' : 'everybody' })
        }
      />
      {shares.length > 0 && (
        <ul className={classes.seeds} aria-label="Shared with">
          {shares.map((share) => (
            <li key={share.userId} className={classes.seed}>
              <span>
                <bdi>{share.name}</bdi> <span className={classes.quiet}>{share.email}</span>
                {share.role === 'viewer' && share.access === 'edit' && (
                  <span className={classes.quiet}>
                    {' '}
                    – as a viewer they may only look until an administrator makes them a collector
                  </span>
                )}
              </span>
              <NativeSelect
                size="xs"
                aria-label={`What ${share.name} may do`}
                value={share.access}
                data={[...levels, { value: 'none', label: 'no longer' }]}
                onChange={({ currentTarget: { value } }) =>
                  change.mutate({
                    ...wish,
                    shares:
                      value === 'none'
                        ? wish.shares.filter(({ userId }) => userId !== share.userId)
                        : wish.shares.map((each) =>
                            each.userId === share.userId
                              ? { ...each, access: value === 'edit' ? 'edit' : 'view' }
                              : each,
                          ),
                  })
                }
              />
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <div className={classes.add}>
          <NativeSelect
            aria-label="Share with"
            value={chosen}
            className={classes.name ?? ''}
            data={[
              { value: '', label: 'Share with …' },
              ...others.map(({ userId, name: label, email }) => ({ value: userId, label: `${label} (${email})` })),
            ]}
            onChange={({ currentTarget: { value } }) => setChosen(value)}
          />
          <Button
            variant="default"
            disabled={chosen === ''}
            loading={change.isPending}
            onClick={() =>
              change.mutate(
                { ...wish, shares: [...wish.shares, { userId: chosen, access: 'view' }] },
                { onSuccess: () => setChosen('') },
              )
            }
          >
            Share
          </Button>
        </div>
      )}
      {change.error !== null && (
        <Notice tone="bad" title="This was not changed">
          {change.error.message}
        </Notice>
      )}
    </>
  );
}
