import { useNavigate, useRouterState } from '@tanstack/react-router';
import { type ListView, plainView, type Shown, sortKeys } from './collection-rows.ts';

const shown: readonly Shown[] = ['all', 'running', 'attention', 'stopped'];

/** How a list is looked at, kept in the page's address so that it can be sent to somebody. */
export function useListView(): [ListView, (view: ListView) => void] {
  const search = useRouterState({ select: ({ location }) => location.search as Record<string, unknown> });
  const navigate = useNavigate();
  const view: ListView = {
    search: textOf(search.search),
    show: shown.find((each) => each === search.show) ?? plainView.show,
    kind: textOf(search.kind),
    sort: sortKeys.find((each) => each === search.sort) ?? plainView.sort,
    isDescending: search.order === 'down',
  };
  return [
    view,
    ({ isDescending, ...next }) => {
      const different = Object.fromEntries(
        Object.entries(next).filter(([key, value]) => value !== plainView[key as keyof ListView]),
      );
      void navigate({
        to: '.',
        // Addresses of pages take no search of their own; what is no view is left out above.
        search: { ...different, ...(isDescending ? { order: 'down' } : {}) } as never,
        replace: true,
        resetScroll: false,
      });
    },
  ];
}

/** The router reads numbers from addresses as such. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
