import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { formatAge, formatBytes, formatForecast, formatQuantity } from '../../../format.ts';
import {
  type Alert,
  useAlerts,
  useBudgets,
  useCredentials,
  useNodes,
  useStorage,
  useVersion,
} from '../api/use-admin.ts';
import classes from '../components/admin.module.css';
import { AdminPageFrame } from '../../../components/admin-page-frame.tsx';
import { AlertItem } from '../components/alert-item.tsx';
import type { Tone } from '../components/badge.tsx';
import { backupAge, backupTone } from '../backup-words.ts';
import { formatMoney } from '../money.ts';

/** What needs a hand, in tiles; each leads to where it can be mended. */
export function AdminPage() {
  return (
    <AdminPageFrame title="Administration" intro="What needs a hand, and where to lend it.">
      {() => <Glance />}
    </AdminPageFrame>
  );
}

function Glance() {
  const alerts = useAlerts();
  return (
    <>
      <div className={classes.tiles}>
        <QueryState query={alerts} what="alerts">
          {(data) => <AlertTile alerts={data.alerts} />}
        </QueryState>
        <QueryState query={useNodes()} what="nodes">
          {({ nodes }) => {
            const gone = nodes.filter(({ ageMs }) => ageMs > 60_000);
            const waiting = nodes.flatMap(({ roles }) => roles.filter(({ state }) => state === 'waiting'));
            const here = nodes
              .map(({ disk }) => disk)
              .toSorted((a, b) => a.freeBytes / a.totalBytes - b.freeBytes / b.totalBytes)[0];
            const full = nodes.flatMap(({ fullInDays }) => (fullInDays === null ? [] : [fullInDays]));
            const soonest = full.length === 0 ? undefined : Math.min(...full);
            const share = here === undefined ? 1 : here.freeBytes / here.totalBytes;
            return (
              <>
                <Tile
                  to="/admin/nodes"
                  name="Nodes"
                  value={formatQuantity(nodes.length, 'node')}
                  tone={gone.length + waiting.length > 0 ? 'bad' : nodes.length === 0 ? 'idle' : 'good'}
                >
                  {gone.length > 0
                    ? `${gone.map(({ node, ageMs }) => `${node} silent for ${formatAge(ageMs)}`).join(', ')}`
                    : waiting.length > 0
                      ? `${waiting.map(({ role }) => role).join(', ')} keeps ending`
                      : nodes.length === 0
                        ? 'none spoke yet; they do within ten seconds'
                        : 'all roles run'}
                </Tile>
                <Tile
                  to="/admin/storage"
                  name="Disk"
                  value={here === undefined ? 'unknown' : `${formatBytes(here.freeBytes)} free`}
                  tone={share < 0.05 ? 'bad' : share < 0.1 || (soonest ?? 99) < 7 ? 'busy' : 'good'}
                >
                  {soonest === undefined
                    ? 'how long it lasts is known after half an hour'
                    : `full in about ${formatForecast(soonest)} at the last day’s pace`}
                </Tile>
              </>
            );
          }}
        </QueryState>
        <QueryState query={useCredentials()} what="credentials">
          {({ credentials }) => {
            const refused = credentials.filter((each) => each.refused !== null);
            return (
              <Tile
                to="/admin/credentials"
                name="Credentials"
                value={formatQuantity(credentials.length, 'key')}
                tone={refused.length > 0 ? 'bad' : credentials.length === 0 ? 'idle' : 'good'}
              >
                {refused.length > 0
                  ? `${refused.map(({ label }) => label).join(', ')}: not used`
                  : credentials.length === 0
                    ? 'streams use the token of the environment'
                    : 'all in use'}
              </Tile>
            );
          }}
        </QueryState>
        <QueryState query={useBudgets()} what="budgets">
          {({ month, budgets, spend }) => {
            const spent = spend.reduce((sum, each) => sum + each.micros + each.inDoubtMicros, 0);
            const near = budgets.filter((each) => each.budgetMicros > 0 && each.spentMicros / each.budgetMicros >= 0.8);
            const all = budgets.find(({ scope }) => scope === '');
            return (
              <Tile
                to="/admin/budgets"
                name={`Spent in ${month}`}
                value={formatMoney(spent)}
                tone={near.length > 0 ? 'busy' : budgets.length === 0 ? 'idle' : 'good'}
              >
                {near.length > 0
                  ? `${formatQuantity(near.length, 'budget')} nearly spent`
                  : all === undefined
                    ? 'no budget for all together'
                    : `of ${formatMoney(all.budgetMicros)} for all together`}
              </Tile>
            );
          }}
        </QueryState>
        <QueryState query={useStorage()} what="the database">
          {({ database }) => (
            <Tile to="/admin/storage" name="Database" value={formatBytes(database.bytes)} tone="good">
              PostgreSQL {database.version}, {database.connections} of {database.maxConnections} connections
            </Tile>
          )}
        </QueryState>
        <QueryState query={useStorage()} what="backups">
          {({ backup: { last } }) => (
            <Tile to="/admin/storage" name="Backups" value={backupAge(last)} tone={backupTone(last)}>
              {last === null ? 'none was noted yet; see what to copy' : `the last one was noted by ${last.who}`}
            </Tile>
          )}
        </QueryState>
        <QueryState query={useVersion()} what="the version">
          {({ version, runtime, newestMigration }) => (
            <Tile to="/admin/settings" name="Version" value={`mistnet ${version}`} tone="idle">
              Node {runtime.replace('v', '')} · schema {newestMigration.slice(0, 4)}
            </Tile>
          )}
        </QueryState>
      </div>
      <QueryState query={alerts} what="alerts">
        {(data) => {
          const open = data.alerts.filter(({ state }) => state === 'open');
          if (open.length === 0) return null;
          return (
            <Section title="Open alerts" aside={<Link to="/admin/alerts">All alerts and rules</Link>}>
              <ul className={classes.list}>
                {open.slice(0, 5).map((alert) => (
                  <AlertItem key={alert.alertId} alert={alert} />
                ))}
              </ul>
            </Section>
          );
        }}
      </QueryState>
    </>
  );
}

function AlertTile({ alerts }: { alerts: readonly Alert[] }) {
  const open = alerts.filter(({ state }) => state === 'open');
  const urgent = open.filter(({ isUrgent }) => isUrgent);
  return (
    <Tile
      to="/admin/alerts"
      name="Alerts"
      value={open.length === 0 ? 'None open' : `${open.length} open`}
      tone={urgent.length > 0 ? 'bad' : open.length > 0 ? 'busy' : 'good'}
    >
      {open.length === 0
        ? alerts.length === 0
          ? 'nothing needs a hand'
          : `${alerts.length} acknowledged`
        : `${urgent.length === 0 ? 'none' : urgent.length} urgent, ${alerts.length - open.length} acknowledged`}
    </Tile>
  );
}

type Place =
  | '/admin/alerts'
  | '/admin/nodes'
  | '/admin/storage'
  | '/admin/credentials'
  | '/admin/budgets'
  | '/admin/settings';

function Tile({
  to,
  name,
  value,
  tone,
  children,
}: {
  to: Place;
  name: string;
  value: string;
  tone: Tone;
  children: ReactNode;
}) {
  return (
    <Link to={to} className={classes.tile} data-tone={tone}>
      <span className={classes.tileName}>{name}</span>
      <span className={classes.tileValue}>{value}</span>
      <span className={classes.tileRemark}>{children}</span>
    </Link>
  );
}
