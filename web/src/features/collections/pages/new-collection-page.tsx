import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { ApiError } from '../../../api/client.ts';
import { fieldErrors } from '../../../api/field-errors.ts';
import { useMay, useSession } from '../../../api/use-session.ts';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { useCollections } from '../api/use-collections.ts';
import { useCheckedFilter } from '../api/use-filter.ts';
import { useKeys } from '../api/use-keys.ts';
import { FilterForm } from '../components/filter-form.tsx';
import { FilterPreview } from '../components/filter-preview.tsx';
import { KeepForm } from '../components/keep-form.tsx';
import { KindChoice } from '../components/kind-choice.tsx';
import { TimelineForm } from '../components/timeline-form.tsx';
import { isEmptyFilter } from '../filter-draft.ts';
import {
  areNumbersRight,
  bodyOf,
  freshCollection,
  keyProblem,
  type NewCollection,
  nameProblem,
  unreadParts,
} from '../new-collection.ts';
import classes from './new-collection-page.module.css';

const steps = ['Kind', 'What to track', 'Name, key and keeping'] as const;

/** From nothing to a collection that runs, in three steps; what it will bring stands beside them all the time. */
export function NewCollectionPage() {
  const mayAdd = useMay('collector');
  const { data: session } = useSession();
  if (session !== undefined && !mayAdd)
    return (
      <Page title="New collection">
        <Notice tone="plain" title="This needs the role collector">
          {session.user === null
            ? 'Sign in first; then collections are made here.'
            : 'An administrator can give you that role.'}
        </Notice>
      </Page>
    );
  return <Wizard canBePrivate={session?.user != null} />;
}

function Wizard({ canBePrivate }: { canBePrivate: boolean }) {
  const [wish, setWish] = useState<NewCollection>(freshCollection);
  const [step, setStep] = useState(0);
  const [isForAll, setIsForAll] = useState(false);
  const [wasRefused, setWasRefused] = useState(false);
  const { data: known } = useCollections();
  const { data: keys } = useKeys();
  const { data: checked, error: checkError } = useCheckedFilter(wish.definition, {
    api: wish.api,
    ...(wish.credential === '' ? {} : { credential: wish.credential }),
  });
  const make = useMake();
  const heading = useRef<HTMLHeadingElement>(null);
  const isFilter = wish.kind === 'filter';
  const order = wish.kind === 'filter' || wish.kind === 'timeline' ? [0, 1, 2] : [0, 2];
  const at = order.indexOf(step);

  useEffect(() => {
    if (step > 0) heading.current?.focus();
  }, [step]);

  const said = fieldErrors(make.error);
  const nameError =
    wasRefused || said.length > 0 ? nameOf(said, wish, known?.collections.map(({ name }) => name) ?? []) : undefined;
  const isAsked = isFilter && !isEmptyFilter(wish.definition);
  const unread = isAsked && checkError instanceof ApiError ? checkError : null;
  const problems = !isAsked ? [] : unread === null ? (checked?.problems ?? []) : unreadParts(unread);
  const change = (next: NewCollection) => {
    make.reset();
    setWish(next);
  };

  const goOn = () => {
    const refusal = refusalOf(step, wish, { isForAll, isWrong: problems.length > 0 || unread !== null });
    setWasRefused(refusal);
    if (refusal) return;
    if (step !== 2) return setStep(order[at + 1] ?? 2);
    if (nameProblem(wish.name, known?.collections.map(({ name }) => name) ?? []) !== undefined)
      return setWasRefused(true);
    // What is wrong with a number or the key stands beside it already.
    if (!areNumbersRight(wish)) return setWasRefused(true);
    const key = keys?.credentials.find(({ label }) => label === wish.credential);
    if (wish.kind !== 'import' && key !== undefined && keyProblem(key, wish) !== undefined) return setWasRefused(true);
    const seeds = isForAll ? { sets: [], accounts: [] } : wish.seeds;
    make.mutate({ ...wish, seeds }, { onError: (error) => setStep(stepOf(fieldErrors(error))) });
  };

  return (
    <Page title="New collection">
      <ol className={classes.steps} aria-label="Steps">
        {order.map((each, index) => (
          <li key={each} aria-current={each === step ? 'step' : undefined} data-done={index < at || undefined}>
            {index + 1}. {steps[each]}
          </li>
        ))}
      </ol>
      <form
        className={classes.columns}
        data-wide={isFilter || undefined}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          goOn();
        }}
      >
        <div className={classes.main}>
          {step > 0 && (
            <h2 className={classes.heading} tabIndex={-1} ref={heading}>
              {steps[step]}
            </h2>
          )}
          {step === 0 && <KindChoice value={wish.kind} onChange={(kind) => change({ ...wish, kind })} />}
          {step === 1 && isFilter && (
            <FilterForm
              definition={wish.definition}
              onChange={(definition) => change({ ...wish, definition })}
              problems={problems}
              warnings={isEmptyFilter(wish.definition) ? [] : (checked?.warnings ?? [])}
            />
          )}
          {step === 1 && wish.kind === 'timeline' && (
            <TimelineForm
              wish={wish}
              isForAll={isForAll}
              onForAll={setIsForAll}
              onChange={(part) => change({ ...wish, ...part })}
              errors={[
                ...said.filter(({ field }) => field.startsWith('seeds')),
                ...(wasRefused ? [{ message: 'Name a set or an account, or choose all.' }] : []),
              ]}
            />
          )}
          {step === 2 && (
            <KeepForm
              {...{ wish, nameError, canBePrivate }}
              onChange={change}
              errorOf={(field) => said.find((each) => each.field === field)?.message}
            />
          )}
          {step === 1 && isFilter && wasRefused && (!isAsked || problems.length > 0 || unread !== null) && (
            <Notice
              tone="bad"
              title={isEmptyFilter(wish.definition) ? 'Nothing is asked for yet' : 'Something is not right yet'}
            >
              {isEmptyFilter(wish.definition)
                ? 'Give at least one word, person or place. Languages alone only narrow down.'
                : problems.length === 0 && unread !== null
                  ? unread.message
                  : 'What it is stands beside its field above.'}
            </Notice>
          )}
          {make.error !== null && (
            <Notice tone="bad" title="The collection was not made">
              {make.error.message}
            </Notice>
          )}
          <div className={classes.buttons}>
            {at > 0 && (
              <Button variant="default" onClick={() => setStep(order[at - 1] ?? 0)}>
                Back
              </Button>
            )}
            <Button type="submit" loading={make.isPending}>
              {step !== 2 ? 'Next' : wish.kind === 'import' || !wish.start ? 'Make it' : 'Start collecting'}
            </Button>
          </div>
        </div>
        {isFilter && step > 0 && (
          <FilterPreview
            definition={wish.definition}
            checked={checked}
            checkError={checkError}
            access={wish.credential === '' || wish.api !== 'v2' ? {} : { credential: wish.credential }}
          />
        )}
      </form>
    </Page>
  );
}

function useMake() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (wish: NewCollection) => dataOf(api.POST('/api/v1/collections', { body: bodyOf(wish) })),
    onSuccess: async ({ name }) => {
      await queries.invalidateQueries({ queryKey: ['collections'] });
      await navigate({ to: '/collections/$name', params: { name } });
    },
  });
}

function refusalOf(
  step: number,
  { kind, definition, seeds }: NewCollection,
  { isForAll, isWrong }: { isForAll: boolean; isWrong: boolean },
): boolean {
  if (step !== 1) return false;
  if (kind === 'filter') return isEmptyFilter(definition) || isWrong;
  return !isForAll && seeds.sets.length + seeds.accounts.length === 0;
}

/** Where on the way what the server refused is to be put right. */
function stepOf(errors: readonly { field: string }[]): number {
  return errors.some(({ field }) => /^(definition|seeds|schedule)/.test(field)) ? 1 : 2;
}

function nameOf(
  said: readonly { field: string; message: string }[],
  { name }: NewCollection,
  taken: readonly string[],
): string | undefined {
  return said.find(({ field }) => field === 'name')?.message ?? nameProblem(name, taken);
}
