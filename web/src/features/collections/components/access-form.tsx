import { NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { components } from '../../../api/openapi.d.ts';
import { NumberField } from '../../../components/number-field.tsx';
import { formatMoney } from '../../../format.ts';
import { useCollections } from '../api/use-collections.ts';
import { useKeys } from '../api/use-keys.ts';
import { useOverview } from '../api/use-overview.ts';
import { BUDGET, hasBothApis, keyProblem, type NewCollection } from '../new-collection.ts';
import classes from './filter-form.module.css';

/** With which key it asks, by which interface, and what it may cost. */
export function AccessForm({
  wish,
  onChange,
  errorOf,
}: {
  wish: NewCollection;
  onChange: (wish: NewCollection) => void;
  /** What the server said of a field. */
  errorOf: (field: string) => string | undefined;
}) {
  const { data, isError } = useKeys();
  const { data: overview } = useOverview();
  const { data: known } = useCollections();
  const keys = data?.credentials ?? [];
  const chosen = keys.find(({ label }) => label === wish.credential);
  const problem = chosen === undefined ? undefined : keyProblem(chosen, wish);
  const used = (known?.collections ?? []).filter(({ credential }) => credential === wish.credential).length;
  return (
    <>
      <NativeSelect
        label="Key"
        description={
          isError || (data !== undefined && keys.length === 0) ? (
            <>
              You have none of your own: it asks with the key of this installation, if there is one.{' '}
              <Link to="/admin/credentials" target="_blank">
                Add a key in a new tab
              </Link>
            </>
          ) : (
            'Which of your keys to the platform it asks with. Filters of one key share one stream and its limits.'
          )
        }
        value={wish.credential}
        error={problem === undefined ? errorOf('credential') : `This key will not do; ${problem}. Choose another one.`}
        data={[
          { value: '', label: 'Whichever will do' },
          ...keys.map((key) => {
            const cannot = keyProblem(key, wish);
            return { value: key.label, label: keyWords(key, cannot), disabled: cannot !== undefined };
          }),
        ]}
        onChange={({ currentTarget: { value } }) => onChange({ ...wish, credential: value })}
      />
      {used > 0 && (
        <p className={classes.hint}>
          {used === 1 ? 'One collection asks' : `${used} collections ask`} with this key already.
        </p>
      )}
      {hasBothApis(wish.kind) && (
        <NativeSelect
          label="Interface"
          description={
            wish.api === 'v2'
              ? 'The platform’s present interface. It fills short interruptions by itself.'
              : 'The older interface, which few keys may still use. What an interruption misses is missing for good, and what it asks for may be less exact.'
          }
          value={wish.api}
          data={[
            { value: 'v2', label: 'API v2 (usual)' },
            { value: 'v1.1', label: 'API v1.1 (older)' },
          ]}
          onChange={({ currentTarget: { value } }) => onChange({ ...wish, api: value === 'v1.1' ? 'v1.1' : 'v2' })}
        />
      )}
      <NumberField
        label="Budget a month, in dollars"
        description={`When it is reached, paid calls wait for the next month (UTC). Empty: no limit of its own${
          overview?.money.budgetMicros == null
            ? '.'
            : `; all collections together may spend ${formatMoney(overview.money.budgetMicros)}, and have spent ${formatMoney(overview.money.spentMicros)}.`
        }`}
        bounds={BUDGET}
        value={wish.budget}
        error={errorOf('budgetMicros')}
        onChange={(budget) => onChange({ ...wish, budget })}
      />
    </>
  );
}

/** Whose a key is matters: what one person's key brings is theirs alone, and others' limits are not to be used up. */
function keyWords({ label, owner, isMine }: components['schemas']['Credential'], problem: string | undefined): string {
  const whose = owner === '' ? '' : isMine ? ', yours' : `, of ${owner}`;
  return `${label}${whose}${problem === undefined ? '' : ` – ${problem}`}`;
}
