import { Button, Checkbox, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { DataTable } from '../../../components/data-table.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { StateBadge } from '../../collections/components/state-badge.tsx';
import { outcomeWords, summariseOutcomes } from '../account-words.ts';
import { addAccounts, type ImportOutcome } from '../api/use-accounts.ts';
import classes from './add-accounts.module.css';

const PER_CALL = 100;

/** `error`: what ended it early; what was done by then stays done. */
type Run = { dryRun: boolean; total: number; outcomes: ImportOutcome[]; busy: boolean; error?: string };

/** A list of accounts to follow, one a line; what became of each line, as it is done. */
export function AddAccounts() {
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [set, setSet] = useState('');
  const [withProtected, setWithProtected] = useState(false);
  const [run, setRun] = useState<Run>();
  const lines = text.split(/\r?\n/);
  const wanted = lines.filter((line) => line.trim() !== '').length;

  const isBusy = run?.busy === true;

  async function start(dryRun: boolean): Promise<void> {
    if (isBusy) return;
    let now: Run = { dryRun, total: lines.length, outcomes: [], busy: true };
    setRun(now);
    try {
      for (let from = 0; from < lines.length; from += PER_CALL) {
        const part = lines.slice(from, from + PER_CALL);
        const { outcomes } = await addAccounts({ lines: part, set, dryRun, withProtected });
        // Lines are counted from the beginning of the list, not of the call.
        now = { ...now, outcomes: [...now.outcomes, ...outcomes.map((each) => ({ ...each, line: each.line + from }))] };
        setRun(now);
      }
      setRun({ ...now, busy: false });
    } catch (error) {
      setRun({ ...now, busy: false, error: error instanceof Error ? error.message : String(error) });
    }
    await queries.invalidateQueries({ queryKey: ['accounts'] });
  }

  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void start(false);
      }}
    >
      <Textarea
        label="Accounts, one a line"
        description="Names with or without @, addresses of their pages, or uids. Each is looked up on the platform."
        rows={6}
        value={text}
        spellCheck={false}
        onChange={({ currentTarget: { value } }) => setText(value)}
      />
      <div className={classes.row}>
        <TextInput
          label="Also into the set"
          maxLength={200}
          description="Made when there is none; may stay empty"
          value={set}
          onChange={({ currentTarget: { value } }) => setSet(value)}
        />
        <Checkbox
          label="Follow protected ones too"
          checked={withProtected}
          onChange={({ currentTarget: { checked } }) => setWithProtected(checked)}
        />
      </div>
      <div className={classes.row}>
        {/* Not disabled while it runs: a disabled button loses the focus. */}
        <Button type="submit" disabled={wanted === 0} aria-disabled={isBusy}>
          {wanted < 2 ? 'Follow' : `Follow ${wanted} accounts`}
        </Button>
        <Button variant="default" disabled={wanted === 0} aria-disabled={isBusy} onClick={() => void start(true)}>
          Check first, change nothing
        </Button>
      </div>
      {run !== undefined && <Outcomes run={run} />}
    </form>
  );
}

function Outcomes({ run: { dryRun, total, outcomes, busy, error } }: { run: Run }) {
  const summary = summariseOutcomes(outcomes);
  return (
    <div>
      {busy && <ProgressBar label="Lines looked up" value={outcomes.length} max={total} />}
      <p role="status" className={classes.summary}>
        {busy ? `${outcomes.length} of ${total} lines` : summary === '' ? 'The list is empty' : summary}
        {dryRun ? '. Nothing is changed by a check.' : '.'}
      </p>
      {error !== undefined && (
        <p role="alert" className={classes.error}>
          It ended early: {error} What is listed below was done; send the rest again.
        </p>
      )}
      {outcomes.length > 0 && (
        <DataTable
          caption="What became of each line"
          rows={outcomes}
          keyOf={({ line }) => String(line)}
          columns={[
            { title: 'Line', cell: ({ line }) => line },
            { title: 'Written', cell: ({ input }) => <bdi>{input}</bdi> },
            { title: 'Outcome', cell: ({ outcome }) => <StateBadge words={outcomeWords[outcome]} /> },
            { title: 'In words', cell: ({ message }) => message },
          ]}
        />
      )}
    </div>
  );
}
