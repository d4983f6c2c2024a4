import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../../../api/use-session.ts';
import { Notice } from '../../../components/notice.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { useAlertChannels, useAlertRules, useAlerts, useAlertSettings, useClosedAlerts } from '../api/use-admin.ts';
import classes from '../components/admin.module.css';
import { AdminPageFrame } from '../../../components/admin-page-frame.tsx';
import { AlertItem } from '../components/alert-item.tsx';
import { ChannelList } from '../components/channel-list.tsx';
import { QuietHoursForm } from '../components/quiet-hours-form.tsx';
import { RuleList } from '../components/rule-list.tsx';

/** What is wrong, who knows of it, and whom mistnet tells. Who is no administrator sees what is about their collections. */
export function AlertsPage() {
  const isAdministrator = useMay('administrator');
  return (
    <AdminPageFrame
      title="Alerts"
      least="viewer"
      intro={
        isAdministrator
          ? 'What is wrong now, who knows of it, and whom mistnet tells. It looks every 15 seconds.'
          : 'What is wrong with the collections that you see, and who knows of it. mistnet looks every 15 seconds.'
      }
    >
      {() => (isAdministrator ? <AlertsContent /> : <AlertsOfCollections />)}
    </AdminPageFrame>
  );
}

function AlertsOfCollections() {
  return (
    <>
      <Section title="Now">
        <Current />
      </Section>
      <Section title="History" aside="Alerts that are over; kept for a year">
        <History />
      </Section>
    </>
  );
}

function AlertsContent() {
  const channels = useAlertChannels();
  const settings = useAlertSettings();
  return (
    <>
      <Section title="Now">
        <Current />
      </Section>
      <Section title="Where alerts are sent">
        <QueryState query={channels} what="the channels">
          {(data) => <ChannelList channels={data} />}
        </QueryState>
      </Section>
      <Section title="What opens an alert">
        <Rules />
      </Section>
      <Section title="Quiet hours and reminders">
        <QueryState query={settings} what="the quiet hours">
          {(data) => <QuietHoursForm settings={data} />}
        </QueryState>
      </Section>
      <Section title="History" aside="Alerts that are over; kept for a year">
        <History />
      </Section>
    </>
  );
}

function Current() {
  const isAdministrator = useMay('administrator');
  return (
    <QueryState query={useAlerts()} what="the alerts">
      {({ alerts }) =>
        alerts.length === 0 ? (
          <Notice tone="plain" title="Nothing needs a hand">
            No rule finds anything wrong. What is found later appears here
            {isAdministrator ? ', and is sent to the channels below.' : '.'}
          </Notice>
        ) : (
          <ul className={classes.list} aria-label="Alerts that are not over">
            {alerts.map((alert) => (
              <AlertItem key={alert.alertId} alert={alert} />
            ))}
          </ul>
        )
      }
    </QueryState>
  );
}

function Rules() {
  const channels = useAlertChannels();
  return (
    <QueryState query={useAlertRules()} what="the rules">
      {({ rules }) => <RuleList rules={rules} channels={channels.data?.channels ?? []} />}
    </QueryState>
  );
}

function History() {
  const [before, setBefore] = useState<string>();
  return (
    <QueryState query={useClosedAlerts(before)} what="earlier alerts">
      {({ alerts, next }) =>
        alerts.length === 0 ? (
          <p className={classes.quiet}>No alert is over yet.</p>
        ) : (
          <>
            <ul className={classes.list} aria-label="Alerts that are over">
              {alerts.map((alert) => (
                <AlertItem key={alert.alertId} alert={alert} />
              ))}
            </ul>
            <div className={classes.actions}>
              {before !== undefined && (
                <Button size="xs" variant="default" onClick={() => setBefore(undefined)}>
                  The newest
                </Button>
              )}
              {next !== null && (
                <Button size="xs" variant="default" onClick={() => setBefore(next)}>
                  Earlier ones
                </Button>
              )}
            </div>
          </>
        )
      }
    </QueryState>
  );
}
