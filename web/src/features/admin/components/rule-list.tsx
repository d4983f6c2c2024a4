import { Button, Checkbox, Switch } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import { Instant } from '../../../components/instant.tsx';
import { NumberField } from '../../../components/number-field.tsx';
import { numberOf } from '../../../components/number-words.ts';
import { type AlertChannels, type AlertRule, useDeed } from '../api/use-admin.ts';
import classes from './admin.module.css';
import { Badge } from './badge.tsx';
import { DeedError } from './deed-error.tsx';

type Channel = AlertChannels['channels'][number];

/** Every rule with its threshold, urgency and recipients; each can be changed and set back. */
export function RuleList({ rules, channels }: { rules: readonly AlertRule[]; channels: readonly Channel[] }) {
  return (
    <ul className={classes.grid} aria-label="Rules">
      {rules.map((rule) => (
        <RuleItem key={rule.kind} rule={rule} channels={channels} />
      ))}
    </ul>
  );
}

function RuleItem({ rule, channels }: { rule: AlertRule; channels: readonly Channel[] }) {
  const [isOpen, setIsOpen] = useState(false);
  const { title, explanation, isOn, threshold, unit, isUrgent, changedBy, changedAt } = rule;
  const hasThreshold = rule.least !== rule.most;
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <h3 className={classes.cardTitle}>{title}</h3>
        <span className={classes.actions}>
          {isUrgent && isOn && <Badge tone="bad">urgent</Badge>}
          <Badge tone={isOn ? 'good' : 'idle'}>{isOn ? 'on' : 'off'}</Badge>
        </span>
      </div>
      <p className={classes.line}>
        {explanation}
        {hasThreshold && (
          <>
            : <strong>{threshold.toLocaleString('en-US')}</strong> {threshold === 1 ? unit.replace(/s$/, '') : unit}
          </>
        )}
        . {recipientsWords(rule, channels)}
      </p>
      {changedBy !== null && changedAt !== null && (
        <p className={classes.quiet}>
          Changed by {changedBy} on <Instant iso={changedAt} />
        </p>
      )}
      {isOpen ? (
        <RuleForm rule={rule} channels={channels} onDone={() => setIsOpen(false)} />
      ) : (
        <div>
          <Button size="xs" variant="default" aria-label={`Change: ${title}`} onClick={() => setIsOpen(true)}>
            Change …
          </Button>
        </div>
      )}
    </li>
  );
}

function recipientsWords({ channels: chosen }: AlertRule, channels: readonly Channel[]): string {
  if (channels.length === 0) return 'Shown on this page.';
  if (chosen === null) return 'Sent to all channels.';
  const names = channels.filter(({ channelId }) => chosen.includes(channelId)).map(({ address }) => address);
  return names.length === 0 ? 'Sent nowhere.' : `Sent to ${names.join(', ')}.`;
}

function RuleForm({ rule, channels, onDone }: { rule: AlertRule; channels: readonly Channel[]; onDone: () => void }) {
  const { kind, unit, least, most, fallback } = rule;
  const bounds = { least, most, decimals: 2 };
  const [isOn, setIsOn] = useState(rule.isOn);
  const [isUrgent, setIsUrgent] = useState(rule.isUrgent);
  const [threshold, setThreshold] = useState(String(rule.threshold));
  const [chosen, setChosen] = useState<string[] | null>(rule.channels);
  const path = { params: { path: { kind } } };
  const save = useDeed(
    () =>
      dataOf(
        api.PUT('/api/v1/alert-rules/{kind}', {
          ...path,
          body: { isOn, isUrgent, threshold: numberOf(threshold, bounds) ?? rule.threshold, channels: chosen },
        }),
      ),
    'alert-rules',
  );
  const reset = useDeed(() => dataOf(api.DELETE('/api/v1/alert-rules/{kind}', path)), 'alert-rules');
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, { onSuccess: onDone });
      }}
    >
      <DeedError error={save.error ?? reset.error} />
      <div className={classes.row}>
        <Switch label="On" checked={isOn} onChange={({ currentTarget: { checked } }) => setIsOn(checked)} />
        <Switch
          label="Urgent: also in quiet hours"
          checked={isUrgent}
          onChange={({ currentTarget: { checked } }) => setIsUrgent(checked)}
        />
      </div>
      {least !== most && (
        <NumberField
          label={`Threshold in ${unit}`}
          error={errorAt(save.error, 'threshold')}
          description={`${least} to ${most.toLocaleString('en-US')}; ${fallback} as it came`}
          className={classes.narrow ?? ''}
          bounds={bounds}
          value={threshold}
          onChange={setThreshold}
        />
      )}
      {channels.length > 0 && (
        <fieldset className={classes.stack}>
          <legend>Sent to</legend>
          <Checkbox
            label="All channels, later ones too"
            checked={chosen === null}
            onChange={({ currentTarget: { checked } }) =>
              setChosen(checked ? null : channels.map(({ channelId }) => channelId))
            }
          />
          {chosen !== null &&
            channels.map(({ channelId, address }) => (
              <Checkbox
                key={channelId}
                label={address}
                checked={chosen.includes(channelId)}
                onChange={({ currentTarget: { checked } }) =>
                  setChosen(checked ? [...chosen, channelId] : chosen.filter((each) => each !== channelId))
                }
              />
            ))}
        </fieldset>
      )}
      <div className={classes.actions}>
        <Button
          type="submit"
          loading={save.isPending}
          disabled={least !== most && numberOf(threshold, bounds) === undefined}
        >
          Save
        </Button>
        <Button variant="default" onClick={onDone}>
          Leave it as it is
        </Button>
        {rule.changedBy !== null && (
          <Button
            variant="default"
            loading={reset.isPending}
            onClick={() => reset.mutate(undefined, { onSuccess: onDone })}
          >
            As it came
          </Button>
        )}
      </div>
    </form>
  );
}
