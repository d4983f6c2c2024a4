import { Badge, Button, Code, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Instant } from '../../../components/instant.tsx';
import { MoreButton } from '../../../components/more-button.tsx';
import { Notice } from '../../../components/notice.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import type { components } from '../../../api/openapi.d.ts';
import { fieldErrors } from '../../../api/field-errors.ts';
import { formatCount } from '../../../format.ts';
import { useCheckedFilter, useFilter, useFilterVersions, useMatches, useSaveFilter } from '../api/use-filter.ts';
import { type FilterDefinition, isEmptyFilter } from '../filter-draft.ts';
import { unreadParts } from '../new-collection.ts';
import { FilterForm } from './filter-form.tsx';
import { FilterPreview } from './filter-preview.tsx';
import classes from './filter-section.module.css';

type Current = components['schemas']['CurrentFilter'];
type Seed = components['schemas']['FilterMatches']['seeds'][number];

/** What a filter collection asks for now, whether the platform has it, and the form that changes it. */
export function FilterSection({ name, mayEdit }: { name: string; mayEdit: boolean }) {
  const query = useFilter(name, true);
  const [isEditing, setIsEditing] = useState(false);
  return (
    <QueryState query={query} what="what it asks for">
      {(filter) =>
        isEditing ? (
          <FilterEditor name={name} filter={filter} onDone={() => setIsEditing(false)} />
        ) : (
          <>
            <Sentences of={filter.words} />
            {filter.warnings.map(({ message }) => (
              <p key={message} className={classes.warning}>
                {message}
              </p>
            ))}
            <Stream stream={filter.stream} />
            <Disclosure summary="As the platform reads it">
              {() => (
                <Code block className={classes.rule ?? ''}>
                  {filter.rule}
                </Code>
              )}
            </Disclosure>
            {mayEdit && (
              <Button mt="sm" variant="default" onClick={() => setIsEditing(true)}>
                Change what it asks for
              </Button>
            )}
          </>
        )
      }
    </QueryState>
  );
}

/** What a filter asks for, in plain words. */
function Sentences({ of }: { of: readonly string[] }) {
  return (
    <ul className={classes.words}>
      {of.map((sentence) => (
        <li key={sentence} dir="auto">
          {sentence}
        </li>
      ))}
    </ul>
  );
}

function Stream({ stream }: { stream: Current['stream'] }) {
  if (stream === null) return <p className={classes.quiet}>Stopped: the platform is asked for nothing of it.</p>;
  const waiting = stream.rules.filter(({ state }) => state === 'wanted').length;
  const errors = [...new Set([stream.error, ...stream.rules.map(({ error }) => error)])].filter(
    (each) => each !== null,
  );
  return (
    <>
      <p className={classes.quiet}>
        {stream.isSynced
          ? 'The platform has all of it'
          : waiting > 0
            ? 'The platform is being told of the change'
            : 'The platform is being asked'}
        {stream.syncedAt !== null && (
          <>
            , as of <Instant iso={stream.syncedAt} brief />
          </>
        )}
        . Asked with the credential {stream.credential}.
      </p>
      {errors.map((error) => (
        <Notice
          key={error}
          tone="bad"
          title={isOfKey(error) ? 'The platform was not asked' : 'The platform refused a rule'}
        >
          {error}
        </Notice>
      ))}
    </>
  );
}

/** Without a key that serves nothing was asked, so nothing was refused. */
function isOfKey(error: string): boolean {
  return /^(There is no key|No credential can call|The key ")/.test(error);
}

/** `filter`: as it is now, which may no longer be what was changed here. */
function FilterEditor({ name, filter, onDone }: { name: string; filter: Current; onDone: () => void }) {
  const [definition, setDefinition] = useState<FilterDefinition>(filter.definition);
  const [basedOn, setBasedOn] = useState(filter.version);
  const [reason, setReason] = useState('');
  const [wasRefused, setWasRefused] = useState(false);
  const { data: checked, error: checkError } = useCheckedFilter(definition, { collection: name });
  const save = useSaveFilter(name);
  const unread = unreadParts(checkError);
  const problems = isEmptyFilter(definition) ? [] : unread.length > 0 ? unread : (checked?.problems ?? []);
  const reasonError =
    fieldErrors(save.error).find(({ field }) => field === 'reason')?.message ??
    (wasRefused && reason.trim() === '' ? 'Say why, in a few words: it stays in the history.' : undefined);
  return (
    <form
      className={classes.columns}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const isRefused = isEmptyFilter(definition) || problems.length > 0 || reason.trim() === '';
        setWasRefused(isRefused);
        if (!isRefused) save.mutate({ definition, reason, basedOn }, { onSuccess: onDone });
      }}
    >
      <div className={classes.form}>
        <FilterForm
          definition={definition}
          onChange={setDefinition}
          problems={problems}
          warnings={checked?.warnings ?? []}
        />
        {filter.version > basedOn && (
          <ChangedMeanwhile
            filter={filter}
            onTake={() => setDefinition(filter.definition)}
            onSettled={() => {
              save.reset();
              setBasedOn(filter.version);
            }}
          />
        )}
        <TextInput
          label="Why is it changed?"
          description="It stays in the history, with your name."
          required
          maxLength={500}
          value={reason}
          error={reasonError}
          onChange={({ currentTarget: { value } }) => setReason(value)}
        />
        {wasRefused && isEmptyFilter(definition) && (
          <Notice tone="bad" title="Nothing would be asked for">
            Give at least one word, person or place, or stop the collection instead.
          </Notice>
        )}
        {save.error !== null && filter.version === basedOn && (
          <Notice tone="bad" title="The change was not kept">
            {save.error.message}
          </Notice>
        )}
        <div className={classes.buttons}>
          <Button type="submit" loading={save.isPending}>
            Keep the change
          </Button>
          <Button variant="default" onClick={onDone}>
            Leave it as it is
          </Button>
        </div>
      </div>
      <FilterPreview definition={definition} checked={checked} checkError={checkError} access={{ collection: name }} />
    </form>
  );
}

/** Somebody else was quicker: what is kept now must not undo that unseen. */
function ChangedMeanwhile({
  filter: { by, reason, version, words },
  onTake,
  onSettled,
}: {
  filter: Current;
  onTake: () => void;
  onSettled: () => void;
}) {
  return (
    <Notice tone="bad" title={`${by} has changed it meanwhile`}>
      <p>
        Version {version}: “<bdi>{reason}</bdi>” Now it asks for:
      </p>
      <Sentences of={words} />
      <div className={classes.buttons}>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            onTake();
            onSettled();
          }}
        >
          Begin again from that
        </Button>
        <Button size="xs" variant="default" onClick={onSettled}>
          Mine shall replace it
        </Button>
      </div>
    </Notice>
  );
}

const seedColumns: readonly Column<Seed>[] = [
  {
    title: 'Found by',
    cell: ({ kind, text, isCurrent }) => (
      <span className={classes.seed}>
        <bdi>{text}</bdi>
        <span className={classes.quiet}>{kind}</span>
        {!isCurrent && (
          <Badge variant="default" size="sm" radius="sm" className={classes.badge ?? ''}>
            no longer asked for
          </Badge>
        )}
      </span>
    ),
  },
  { title: 'Posts', numeric: true, cell: ({ posts }) => formatCount(posts) },
  { title: 'Newest', cell: ({ lastAt }) => (lastAt === null ? 'none' : <Instant iso={lastAt} />) },
];

/** What each word, person and place found in the last days; those that found most first. */
export function MatchesSection({ name }: { name: string }) {
  const query = useMatches(name, 7);
  return (
    <QueryState query={query} what="the matches">
      {({ seeds }) =>
        seeds.length === 0 ? (
          <p>Nothing was asked for yet.</p>
        ) : (
          <DataTable
            caption="Matches of the last seven days"
            columns={seedColumns}
            rows={seeds.toSorted((a, b) => b.posts - a.posts || (a.text < b.text ? -1 : 1))}
            keyOf={({ seedId }) => String(seedId)}
          />
        )
      }
    </QueryState>
  );
}

/** Every version of what it asked for: who, when, why. */
export function VersionsSection({ name }: { name: string }) {
  const query = useFilterVersions(name);
  return (
    <QueryState query={query} what="the history">
      {({ pages }) => (
        <>
          <ol className={classes.versions}>
            {pages
              .flatMap(({ versions }) => versions)
              .map(({ version, by, reason, createdAt, words }) => (
                <li key={version} className={classes.version}>
                  <p className={classes.head}>
                    <strong>Version {version}</strong> · <Instant iso={createdAt} /> · <bdi>{by}</bdi>
                  </p>
                  <p dir="auto">{reason}</p>
                  <Sentences of={words} />
                </li>
              ))}
          </ol>
          <MoreButton query={query} size="xs">
            Show older versions
          </MoreButton>
        </>
      )}
    </QueryState>
  );
}
