import { Button, Skeleton } from '@mantine/core';
import { useLive } from '../../../api/live.ts';
import { useMay } from '../../../api/use-session.ts';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { formatCount, formatQuantity } from '../../../format.ts';
import { useOverview } from '../api/use-overview.ts';
import { collectionRows, plainView, rowsInView } from '../collection-rows.ts';
import { CollectionTable } from '../components/collection-table.tsx';
import { NewCollectionButton } from '../components/new-collection-button.tsx';
import { ListTools } from '../components/list-tools.tsx';
import { useListView } from '../use-list-view.ts';
import { needsAttention } from '../state-words.ts';

/** Every collection, stopped ones that still hold data too: what it tracks, how it stands, what it has. */
export function CollectionsPage() {
  const { status, problem } = useLive();
  const { data: overview } = useOverview();
  const [view, setView] = useListView();
  const mayAdd = useMay('collector');
  const rows = status === undefined ? [] : collectionRows(status.collections, status.at, overview);
  const shown = rowsInView(rows, view);
  const total = rows.reduce((sum, { captured }) => sum + captured, 0);
  return (
    <Page
      title="Collections"
      intro="What is collected, and what was: a stopped collection keeps its data and stays listed."
      actions={<NewCollectionButton />}
    >
      {status === undefined ? (
        problem === undefined ? (
          <Skeleton height={320} radius="lg" aria-label="Reading the collections" />
        ) : (
          <Notice tone="bad" title={problem.title}>
            {problem.detail}
          </Notice>
        )
      ) : rows.length === 0 ? (
        <Notice tone="plain" title="No collection yet">
          {mayAdd
            ? 'A collection says what to collect: words, people or places, a random sample, or the timelines of accounts. Begin with “New collection”.'
            : 'A collector makes one; what it collects appears here by itself.'}
        </Notice>
      ) : (
        <>
          <p>
            {formatQuantity(rows.length, 'collection')}, {formatQuantity(total, 'post')}
            {rows.some(({ words }) => needsAttention(words)) &&
              `; ${formatCount(rows.filter(({ words }) => needsAttention(words)).length)} to look at`}
            .
          </p>
          <ListTools view={view} onChange={setView} />
          {shown.length === 0 ? (
            <Notice tone="plain" title="No collection fits">
              <Button size="xs" variant="default" onClick={() => setView(plainView)}>
                Show all
              </Button>
            </Notice>
          ) : (
            <CollectionTable
              rows={shown}
              view={view}
              onSort={(sort, isDescending) => setView({ ...view, sort, isDescending })}
            />
          )}
        </>
      )}
    </Page>
  );
}
