/** Options of the commands that search, and what follows from them. */
import { type Command, Option } from 'commander';
import { MistnetError } from '../core/errors.ts';
import { type FieldOptions, type ListOptions, type WindowOptions, withFields } from './read-options.ts';

export type SearchOptions = ListOptions &
  WindowOptions &
  FieldOptions & {
    archive?: true;
    sortOrder?: 'recency' | 'relevancy';
    estimate?: true;
    contextAnnotations: boolean;
  };

/** X's first post was made on this day; without a beginning X would search the last thirty days of the archive only. */
const FIRST_DAY = '2006-03-21T00:00:00Z';

/** What `search` and `conversation` share. */
export function withSearch(command: Command): Command {
  return withFields(command)
    .option('--archive', 'search all years; an app token is needed, and X answers one call a second')
    .addOption(
      new Option('--sort-order <order>', 'newest first, or what X takes for relevant').choices([
        'recency',
        'relevancy',
      ]),
    )
    .option(
      '--no-context-annotations',
      "leave out X's annotations, with which a page of the archive holds 100 posts instead of 500",
    );
}

/** With context annotations X gives pages of 100, of the archive, too. */
export function perPageOf({ maxResults, archive, contextAnnotations }: SearchOptions): number {
  const most = archive === true && !contextAnnotations ? 500 : 100;
  if (maxResults !== undefined && maxResults > most)
    throw new MistnetError(
      'usage.invalid',
      `X gives at most ${most} posts a page here${archive === true ? '; with --no-context-annotations 500' : ''}.`,
    );
  return maxResults ?? most;
}

/** The window to ask for: all years where the archive is searched without a beginning. */
export function wholeArchive(archive: boolean, window: WindowOptions): WindowOptions {
  const isOpen = window.startTime === undefined && window.sinceId === undefined && window.untilId === undefined;
  return archive && isOpen ? { ...window, startTime: FIRST_DAY } : window;
}
