import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import { useLive } from '../../../api/live.ts';
import { DataTable } from '../../../components/data-table.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Instant } from '../../../components/instant.tsx';
import { Notice } from '../../../components/notice.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { formatCount } from '../../../format.ts';
import { type Budgets, useBudgets, useDeed } from '../api/use-admin.ts';
import classes from '../components/admin.module.css';
import { AdminPageFrame } from '../../../components/admin-page-frame.tsx';
import { Badge } from '../components/badge.tsx';
import { DeedError } from '../components/deed-error.tsx';
import { ShareBar } from '../components/share-bar.tsx';
import { formatMoney, parseMoney, writeMoney } from '../money.ts';

type Budget = Budgets['budgets'][number];
type Price = Budgets['prices'][number];

/** What reading may cost in a month, what it has cost, and what each thing costs. */
export function BudgetsPage() {
  return (
    <AdminPageFrame
      title="Budgets"
      intro="What reading may cost in a UTC month, what it has cost, and what stands still because of it."
    >
      {() => <BudgetsContent />}
    </AdminPageFrame>
  );
}

function BudgetsContent() {
  const query = useBudgets();
  return (
    <QueryState query={query} what="the budgets">
      {(report) => (
        <>
          <Pauses pauses={report.pauses} />
          <BudgetSection month={report.month} budgets={report.budgets} />
          <Section title="Spent this month">
            <Spend spend={report.spend} />
          </Section>
          <Section title="Prices" aside="In the platform’s currency; as published, or as you set them">
            <Prices prices={report.prices} />
          </Section>
        </>
      )}
    </QueryState>
  );
}

function Pauses({ pauses }: { pauses: Budgets['pauses'] }) {
  if (pauses.length === 0) return null;
  return (
    <Notice tone="busy" title="Some work stands still">
      <ul>
        {pauses.map(({ credential, endpoint, resource, sentence, until }) => (
          <li key={`${credential} ${endpoint} ${resource}`}>
            {credential}
            {endpoint !== '' && <> at {endpoint}</>}: {sentence}
            {until === null ? (
              ' Until a person mends it.'
            ) : (
              <>
                {' '}
                Until <Instant iso={until} />.
              </>
            )}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** The budgets, and the form for one, which opens filled with what is to be changed. */
function BudgetSection({ month, budgets }: { month: string; budgets: readonly Budget[] }) {
  const [asked, setAsked] = useState<{ budget: Budget; times: number }>();
  return (
    <Section title={`Budgets, ${month}`}>
      <BudgetList
        budgets={budgets}
        onChange={(budget) => setAsked((before) => ({ budget, times: (before?.times ?? 0) + 1 }))}
      />
      <Disclosure key={asked?.times} summary="Set a budget" isOpenAtFirst={asked !== undefined}>
        {() => <SetBudget {...(asked === undefined ? {} : { initial: asked.budget })} />}
      </Disclosure>
    </Section>
  );
}

type Change = { onChange: (budget: Budget) => void };

function BudgetList({ budgets, onChange }: { budgets: readonly Budget[] } & Change) {
  if (budgets.length === 0)
    return (
      <Notice tone="plain" title="No budget is set">
        Reading costs as much as it costs. Set a budget for all together, for a collection or for a person: work that
        reaches it is paused until the next month, and says so.
      </Notice>
    );
  return (
    <ul className={classes.list} aria-label="Budgets">
      {budgets.map((budget) => (
        <BudgetItem key={budget.scope} budget={budget} onChange={onChange} />
      ))}
    </ul>
  );
}

function BudgetItem({ budget, onChange }: { budget: Budget } & Change) {
  const { scope, budgetMicros, spentMicros } = budget;
  const remove = useDeed(
    () => dataOf(api.PUT('/api/v1/budgets', { body: { scope, monthlyMicros: null } })),
    ...['budgets', 'alerts'],
  );
  const share = budgetMicros === 0 ? 1 : spentMicros / budgetMicros;
  const tone = share >= 1 ? 'bad' : share >= 0.8 ? 'busy' : 'good';
  const label = `${formatMoney(spentMicros)} of ${formatMoney(budgetMicros)} (${Math.round(share * 100)} %)`;
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <h3 className={classes.cardTitle}>{scopeWords(scope)}</h3>
        <Badge tone={tone}>{share >= 1 ? 'spent: reading is paused' : share >= 0.8 ? 'nearly spent' : 'within'}</Badge>
      </div>
      <p className={classes.line}>{label}</p>
      <ShareBar share={share} tone={tone === 'good' ? 'idle' : tone} label={label} />
      <DeedError error={remove.error} />
      <div className={classes.row}>
        <Button
          size="xs"
          variant="default"
          aria-label={`Change: ${scopeWords(scope)}`}
          onClick={() => onChange(budget)}
        >
          Change
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={remove.isPending}
          aria-label={`No limit any more: ${scopeWords(scope)}`}
          onClick={() => remove.mutate()}
        >
          No limit any more
        </Button>
      </div>
    </li>
  );
}

function kindOf(word: string): 'all' | 'collection' | 'user' {
  return word === 'collection' || word === 'user' ? word : 'all';
}

function scopeWords(scope: string): string {
  if (scope === '') return 'All together';
  const [kind, ...name] = scope.split(':');
  return `${kind === 'collection' ? 'Collection' : 'Person'} ${name.join(':')}`;
}

/** `initial`: what it is filled with; its amount takes the focus. */
function SetBudget({ initial }: { initial?: Budget }) {
  const { status } = useLive();
  const [initialKind = '', ...initialName] = initial?.scope.split(':') ?? [];
  const [kind, setKind] = useState(kindOf(initialKind));
  const [name, setName] = useState(initialName.join(':'));
  const [amount, setAmount] = useState(initial === undefined ? '' : writeMoney(initial.budgetMicros));
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (initial === undefined) return;
    field.current?.focus();
    field.current?.select();
  }, [initial]);
  const micros = parseMoney(amount);
  const scope = kind === 'all' ? '' : `${kind}:${name.trim()}`;
  const known = (status?.collections ?? []).map((each) => each.name);
  const names = kind !== 'collection' || name === '' || known.includes(name) ? known : [name, ...known];
  const save = useDeed(
    (monthlyMicros: number) => dataOf(api.PUT('/api/v1/budgets', { body: { scope, monthlyMicros } })),
    ...['budgets', 'alerts'],
  );
  // The button cannot be pressed again without an amount: it cannot keep the focus.
  const clear = () => {
    setAmount('');
    field.current?.focus();
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (micros !== undefined) save.mutate(micros, { onSuccess: clear });
      }}
    >
      <DeedError error={save.error} />
      <div className={classes.row}>
        <NativeSelect
          label="Of"
          data={[
            { value: 'all', label: 'all together' },
            { value: 'collection', label: 'a collection' },
            { value: 'user', label: 'a person' },
          ]}
          value={kind}
          onChange={({ currentTarget: { value } }) => {
            setKind(kindOf(value));
            setName(value === 'collection' ? (known[0] ?? '') : '');
          }}
        />
        {kind === 'collection' && (
          <NativeSelect
            label="Collection"
            data={names}
            value={name}
            onChange={({ currentTarget: { value } }) => setName(value)}
          />
        )}
        {kind === 'user' && (
          <TextInput
            label="Name"
            maxLength={100}
            value={name}
            error={errorAt(save.error, 'scope')}
            onChange={({ currentTarget: { value } }) => setName(value)}
          />
        )}
        <TextInput
          label="A month"
          ref={field}
          placeholder="25 or 12.50"
          className={classes.narrow ?? ''}
          value={amount}
          maxLength={20}
          error={
            amount !== '' && micros === undefined ? 'Write it like 25 or 12.50' : errorAt(save.error, 'monthlyMicros')
          }
          onChange={({ currentTarget: { value } }) => setAmount(value)}
        />
        <Button
          type="submit"
          loading={save.isPending}
          disabled={micros === undefined || (kind !== 'all' && name.trim() === '')}
        >
          Set
        </Button>
      </div>
    </form>
  );
}

function Spend({ spend }: { spend: Budgets['spend'] }) {
  if (spend.length === 0) return <p className={classes.quiet}>Nothing was billed this month.</p>;
  return (
    <DataTable
      caption="What was spent this month"
      rows={spend}
      keyOf={({ collection, user, platform, resource }) => `${collection} ${user} ${platform} ${resource}`}
      columns={[
        { title: 'Collection', cell: ({ collection }) => (collection === '' ? 'none' : collection) },
        { title: 'Person', cell: ({ user }) => (user === '' ? 'nobody’s' : user) },
        { title: 'What', cell: ({ platform, resource }) => `${resource}s of ${platform === 'x' ? 'X' : platform}` },
        { title: 'How many', numeric: true, cell: ({ units }) => formatCount(units) },
        { title: 'Spent', numeric: true, cell: ({ micros }) => formatMoney(micros) },
        {
          title: 'In doubt',
          numeric: true,
          cell: ({ inDoubtMicros }) => (inDoubtMicros === 0 ? '' : formatMoney(inDoubtMicros)),
        },
      ]}
    />
  );
}

function Prices({ prices }: { prices: readonly Price[] }) {
  return (
    <>
      <DataTable
        caption="Prices"
        rows={prices}
        keyOf={({ platform, level, resource, endpoint }) => `${platform} ${level} ${resource} ${endpoint ?? ''}`}
        columns={[
          {
            title: 'What',
            cell: ({ platform, resource }) =>
              `${resource === 'account' ? 'an' : 'a'} ${resource} of ${platform === 'x' ? 'X' : platform}`,
          },
          { title: 'Level', cell: ({ level }) => level },
          { title: 'Endpoint', cell: ({ endpoint }) => endpoint ?? 'any' },
          { title: 'Price', numeric: true, cell: ({ micros }) => formatMoney(micros) },
          { title: 'From', cell: ({ isOwn }) => (isOwn ? 'set here' : 'as published') },
        ]}
      />
      <Disclosure summary="Set another price">{() => <SetPrice />}</Disclosure>
    </>
  );
}

function SetPrice() {
  const [resource, setResource] = useState<'post' | 'account' | 'call'>('post');
  const [level, setLevel] = useState('pay-per-use');
  const [amount, setAmount] = useState('');
  const micros = parseMoney(amount);
  const save = useDeed(
    (price: number | null) =>
      dataOf(api.PUT('/api/v1/prices', { body: { platform: 'x', level, resource, endpoint: '', micros: price } })),
    'budgets',
  );
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (micros !== undefined) save.mutate(micros);
      }}
    >
      <DeedError error={save.error} />
      <div className={classes.row}>
        <NativeSelect
          label="One"
          data={['post', 'account', 'call']}
          value={resource}
          onChange={({ currentTarget: { value } }) =>
            setResource(value === 'account' || value === 'call' ? value : 'post')
          }
        />
        <TextInput
          label="Level"
          maxLength={60}
          value={level}
          error={errorAt(save.error, 'level')}
          onChange={({ currentTarget: { value } }) => setLevel(value)}
        />
        <TextInput
          label="Costs"
          placeholder="0.005"
          className={classes.narrow ?? ''}
          value={amount}
          maxLength={20}
          error={amount !== '' && micros === undefined ? 'Write it like 0.005' : errorAt(save.error, 'micros')}
          onChange={({ currentTarget: { value } }) => setAmount(value)}
        />
        <Button type="submit" loading={save.isPending} disabled={micros === undefined}>
          Set
        </Button>
        <Button variant="default" disabled={save.isPending} onClick={() => save.mutate(null)}>
          As published
        </Button>
      </div>
    </form>
  );
}
