import { auditWords, detailWords, whoWords } from '../../../components/audit-words.ts';
import { Instant } from '../../../components/instant.tsx';
import { MoreButton } from '../../../components/more-button.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { useHistory } from '../api/use-content.ts';
import classes from './filter-section.module.css';

/** Who started, stopped or changed it, when, and to what. */
export function HistorySection({ name, createdAt }: { name: string; createdAt: string }) {
  const query = useHistory(name);
  return (
    <QueryState query={query} what="the history">
      {({ pages }) => {
        const changes = pages.flatMap((page) => page.changes);
        return (
          <>
            <ol className={classes.versions}>
              {changes.map(({ changeId, at, who, via, action, details }) => (
                <li key={changeId} className={classes.version}>
                  <p className={classes.head}>
                    <Instant iso={at} /> · <bdi>{whoWords(who, via)}</bdi>
                    {via === 'token' && ', by a token,'} {auditWords(action, { ofIt: true })}
                  </p>
                  {detailWords(details) !== '' && <p dir="auto">{detailWords(details)}</p>}
                </li>
              ))}
              {!query.hasNextPage && !changes.some(({ action }) => action === 'collection.create') && (
                <li className={classes.version}>
                  <p className={classes.head}>
                    <Instant iso={createdAt} /> · it was made; who did is not known any more
                  </p>
                </li>
              )}
            </ol>
            <MoreButton query={query} size="xs">
              Show older changes
            </MoreButton>
          </>
        );
      }}
    </QueryState>
  );
}
