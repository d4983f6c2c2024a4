import { useSearch } from '@tanstack/react-router';
import { useLive } from '../../../api/live.ts';
import { useMay } from '../../../api/use-session.ts';
import { Disclosure } from '../../../components/disclosure.tsx';
import { MoreButton } from '../../../components/more-button.tsx';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { HourList } from '../../datasets/components/hour-list.tsx';
import { useExports } from '../api/use-exports.ts';
import { ExportForm } from '../components/export-form.tsx';
import { ExportItem } from '../components/export-item.tsx';
import classes from './exports-page.module.css';

/** What can be taken away: exports as they were asked for, and the datasets of each hour. */
export function ExportsPage() {
  const query = useExports();
  // A collection's page leads here with its name.
  const { collection } = useSearch({ strict: false }) as { collection?: unknown };
  const wanted = typeof collection === 'string' ? collection : undefined;
  const mayAsk = useMay('collector');
  const { status } = useLive();
  // The server's clock, a second old at most: a wrong one here makes no wrong forecasts.
  const nowMs = status === undefined ? undefined : Date.parse(status.at);
  return (
    <Page
      title="Exports and datasets"
      intro="Each export has a data dictionary and a README that says what was asked for, what is missing, and how to cite it."
    >
      {mayAsk && (
        <Disclosure summary="New export" isOpenAtFirst={wanted !== undefined}>
          {() => <ExportForm key={wanted} {...(wanted === undefined ? {} : { initialCollection: wanted })} />}
        </Disclosure>
      )}
      <Section title="Exports">
        <QueryState query={query} what="the exports">
          {({ pages }) => {
            const exports = pages.flatMap((page) => page.exports);
            if (exports.length === 0)
              return (
                <Notice tone="plain" title="Nothing was exported yet">
                  {mayAsk ? 'Open “New export” and choose a collection.' : 'A collector asks for exports here.'}
                </Notice>
              );
            return (
              <div className={classes.list}>
                {exports.map((item) => (
                  <ExportItem key={item.name} item={item} nowMs={nowMs} />
                ))}
                <MoreButton query={query}>Show older exports</MoreButton>
              </div>
            );
          }}
        </QueryState>
      </Section>
      <Section title="Hourly datasets">
        <HourList collection={status?.collections[0]?.name} now={status?.at} />
      </Section>
    </Page>
  );
}
