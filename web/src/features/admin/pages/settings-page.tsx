import { Link } from '@tanstack/react-router';
import { DataTable } from '../../../components/data-table.tsx';
import { FigureList } from '../../../components/figure-list.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { useSettings, useVersion } from '../api/use-admin.ts';
import classes from '../components/admin.module.css';
import { AdminPageFrame } from '../../../components/admin-page-frame.tsx';
import { Badge } from '../components/badge.tsx';

/** How this installation is set up, where each value comes from, and which versions it runs. */
export function SettingsPage() {
  return (
    <AdminPageFrame title="Settings" intro="How this installation is set up, and which versions it runs.">
      {() => (
        <>
          <Section title="Version">
            <Version />
          </Section>
          <Section title="Changed here, while it runs">
            <ul>
              <li>
                <Link to="/admin/alerts">Alerts</Link>: rules, thresholds, channels, quiet hours
              </li>
              <li>
                <Link to="/admin/budgets">Budgets</Link> and prices
              </li>
              <li>
                <Link to="/admin/credentials">Credentials</Link>: add, pause, remove
              </li>
              <li>
                <Link to="/collections">Collections</Link>: what is collected, for how long it stays
              </li>
            </ul>
          </Section>
          <Section title="Set before it starts" aside="Variables of the environment; a change needs a restart">
            <Settings />
          </Section>
        </>
      )}
    </AdminPageFrame>
  );
}

function Version() {
  return (
    <QueryState query={useVersion()} what="the version">
      {({ version, runtime, database, migrations, newestMigration, node }) => (
        <>
          <div className={classes.card}>
            <FigureList
              figures={[
                { name: 'mistnet', value: version, remark: `answers from node ${node}` },
                { name: 'Node', value: runtime.replace('v', '') },
                { name: 'PostgreSQL', value: database },
                { name: 'Schema', value: newestMigration.split('_', 1)[0], remark: `${migrations} migrations` },
              ]}
            />
          </div>
          <p className={classes.quiet}>
            mistnet never asks anybody whether there is a newer version. Look into its repository’s CHANGELOG; an update
            is <code>git pull</code>, <code>npm ci</code> and a restart, and migrates the database by itself.
          </p>
        </>
      )}
    </QueryState>
  );
}

function Settings() {
  return (
    <QueryState query={useSettings()} what="the settings">
      {({ settings }) => (
        <DataTable
          caption="Settings in force"
          rows={settings}
          keyOf={({ name }) => name}
          columns={[
            { title: 'Setting', cell: ({ name }) => <code className={classes.setting ?? ''}>{name}</code> },
            {
              title: 'Value',
              cell: ({ value }) => (value === '' ? '' : <code className={classes.settingValue ?? ''}>{value}</code>),
            },
            {
              title: 'From',
              cell: ({ origin }) => <Badge tone={origin === 'environment' ? 'good' : 'idle'}>{origin}</Badge>,
            },
            { title: 'Meaning', cell: ({ doc }) => <WithCode text={doc} /> },
          ]}
        />
      )}
    </QueryState>
  );
}

/** Every second part stood between backticks. */
function WithCode({ text }: { text: string }) {
  const parts = text.split('`');
  return <>{parts.map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}
