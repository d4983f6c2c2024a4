import { MistnetError } from '../core/errors.ts';
import { accountsOfSet } from '../store/export/find-accounts.ts';
import type { PostSelection, SelectionSource } from '../store/export/selection.ts';
import { anyWithdrawals } from '../store/export/withdrawn-sql.ts';
import type { Queryable } from '../store/db.ts';
import { type SearchCondition, searchCondition } from '../store/search/search-filter.ts';
import { findCollection } from '../store/queries/find-collection.ts';
import type { ExportRequest, ExportSearch } from './export-request.ts';

/** What a request selects, by ids. Throws `collection.unknown`, `account.unknown`, `export.refused`. */
export async function selectionOf(db: Queryable, request: ExportRequest): Promise<PostSelection> {
  const { postedFrom, postedTo, capturedFrom, capturedTo, search, observations } = request;
  return {
    source: await sourceOf(db, request.from),
    ...(postedFrom === undefined ? {} : { postedFrom }),
    ...(postedTo === undefined ? {} : { postedTo }),
    ...(capturedFrom === undefined ? {} : { capturedFrom }),
    ...(capturedTo === undefined ? {} : { capturedTo }),
    ...(search === undefined ? {} : { search: conditionOf(search) }),
    observations,
    withdrawals: await anyWithdrawals(db),
    honour: request.honourDeletions,
  };
}

/** Of the whole index: which collections' posts are meant is the source's to say. */
function conditionOf(search: ExportSearch): SearchCondition {
  const condition = searchCondition(search, 'all');
  if (condition === undefined)
    throw new MistnetError('export.refused', 'The search holds nothing to look for: write words, a #tag or an @name.');
  return condition;
}

async function sourceOf(db: Queryable, from: ExportRequest['from']): Promise<SelectionSource> {
  if (from.kind === 'all') return { kind: 'all' };
  if (from.kind === 'set') return { kind: 'accounts', accounts: await accountsOfSet(db, from.name) };
  if (from.kind === 'account')
    return { kind: 'accounts', accounts: [{ platform: from.platform, accountId: from.accountId }] };
  const { collectionId, keep } = await findCollection(db, from.name);
  if (keep === 'files')
    throw new MistnetError(
      'export.refused',
      `Collection "${from.name}" keeps files alone, so no posts of it are in the database. mistnet collection keep ${from.name} all loads them.`,
    );
  const { seeds } = from;
  if (seeds === undefined) return { kind: 'collection', collectionId };
  return {
    kind: 'collection',
    collectionId,
    accounts: seeds.map(({ platform, accountId }) => ({ platform, accountId })),
  };
}
