import { Button, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import { NumberField } from '../../../components/number-field.tsx';
import { numberOf } from '../../../components/number-words.ts';
import { formatMinuteOfDay, parseMinuteOfDay } from '../clock-time.ts';
import { type AlertSettings, useDeed } from '../api/use-admin.ts';
import classes from './admin.module.css';
import { DeedError } from './deed-error.tsx';

const REMIND_HOURS = { least: 0, most: 8_760, decimals: 0 };

/** When only urgent alerts are sent, and how often one that nobody acknowledged is sent again. */
export function QuietHoursForm({ settings }: { settings: AlertSettings }) {
  const [isQuiet, setIsQuiet] = useState(settings.quietFrom !== null);
  const [from, setFrom] = useState(formatMinuteOfDay(settings.quietFrom ?? 22 * 60));
  const [until, setUntil] = useState(formatMinuteOfDay(settings.quietUntil ?? 7 * 60));
  const [zone, setZone] = useState(settings.zone);
  const [remindHours, setRemindHours] = useState(String(settings.remindHours));
  const save = useDeed(
    () =>
      dataOf(
        api.PUT('/api/v1/alert-settings', {
          body: {
            zone: zone.trim(),
            quietFrom: isQuiet ? (parseMinuteOfDay(from) ?? null) : null,
            quietUntil: isQuiet ? (parseMinuteOfDay(until) ?? null) : null,
            remindHours: numberOf(remindHours, REMIND_HOURS) ?? 0,
          },
        }),
      ),
    'alert-settings',
  );
  const timeFault = (text: string) =>
    isQuiet && parseMinuteOfDay(text) === undefined ? 'Write it like 22:00' : undefined;
  const isWrong =
    timeFault(from) !== undefined ||
    timeFault(until) !== undefined ||
    numberOf(remindHours, REMIND_HOURS) === undefined;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWrong) save.mutate();
      }}
    >
      <DeedError error={save.error} />
      <Switch
        label="Hold what is not urgent during quiet hours, and send it after them"
        checked={isQuiet}
        onChange={({ currentTarget: { checked } }) => setIsQuiet(checked)}
      />
      {isQuiet && (
        <div className={classes.row}>
          <TextInput
            className={classes.narrow ?? ''}
            label="From"
            maxLength={5}
            value={from}
            error={timeFault(from)}
            onChange={({ currentTarget: { value } }) => setFrom(value)}
          />
          <TextInput
            className={classes.narrow ?? ''}
            label="Until"
            maxLength={5}
            value={until}
            error={timeFault(until)}
            onChange={({ currentTarget: { value } }) => setUntil(value)}
          />
          <TextInput
            label="Time zone"
            maxLength={64}
            error={errorAt(save.error, 'zone', 'zone.invalid')}
            value={zone}
            placeholder={Intl.DateTimeFormat().resolvedOptions().timeZone}
            onChange={({ currentTarget: { value } }) => setZone(value)}
          />
        </div>
      )}
      <NumberField
        className={classes.medium ?? ''}
        label="Hours between reminders"
        error={errorAt(save.error, 'remindHours')}
        description="Of what nobody acknowledged; 0: never"
        bounds={REMIND_HOURS}
        value={remindHours}
        onChange={setRemindHours}
      />
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending} disabled={isWrong}>
          Save
        </Button>
        {save.isSuccess && <span role="status">Saved.</span>}
      </div>
    </form>
  );
}
