/** What a person asks to be exported, by names, to a request by ids: the same for the command and for the server. */
import { MistnetError } from '../core/errors.ts';
import type { Queryable } from '../store/db.ts';
import { accountsOfSet, findAccount, isSeedOf } from '../store/export/find-accounts.ts';
import { findCollection } from '../store/queries/find-collection.ts';
import { type ExportRequest, type ExportWish, toExportRequest } from './export-request.ts';

/** One of `collection`, `account`, `set` and `all`. `seeds`: accounts that the collection follows, these alone. `zone`: in which days begin. */
export type NamedWish = Omit<ExportWish, 'from'> & {
  all?: boolean | undefined;
  collection?: string | undefined;
  seeds?: readonly string[] | undefined;
  account?: string | undefined;
  set?: string | undefined;
  zone?: string | undefined;
};

/** The request, and a word for what it exports that may stand in a name. Throws `export.refused`, `collection.unknown`, `account.unknown`, `zone.invalid`. */
export async function resolveWish(
  db: Queryable,
  wish: NamedWish,
): Promise<{ request: ExportRequest; subject: string }> {
  const { all, collection, seeds = [], account, set, zone, ...options } = wish;
  const given = [all === true || undefined, collection, account, set].filter((each) => each !== undefined).length;
  if (given !== 1) refuse('Say what to export, one of: all, --collection NAME, --account NAME, --set NAME.');
  if (seeds.length > 0 && collection === undefined)
    refuse('--seed chooses among the accounts of a collection; name it by --collection.');
  const made = (from: ExportWish['from'], itsZone = 'UTC') => toExportRequest({ ...options, from }, zone ?? itsZone);
  if (collection !== undefined) {
    const { name, zone: itsZone, collectionId } = await findCollection(db, collection);
    if (seeds.length === 0) return { request: made({ kind: 'collection', name }, itsZone), subject: name };
    const accounts = [];
    for (const seed of seeds) {
      const found = await findAccount(db, seed);
      if (!(await isSeedOf(db, collectionId, found)))
        refuse(`${seed} is no seed of the collection "${name}", and never was.`);
      accounts.push(found);
    }
    return { request: made({ kind: 'collection', name, seeds: accounts }, itsZone), subject: name };
  }
  if (account !== undefined) {
    const found = await findAccount(db, account);
    return { request: made({ kind: 'account', ...found }), subject: wordOf(found.handle ?? '', found.accountId) };
  }
  if (set !== undefined) {
    await accountsOfSet(db, set);
    return { request: made({ kind: 'set', name: set }), subject: wordOf(set, 'set') };
  }
  return { request: made({ kind: 'all' }), subject: 'all' };
}

/** A name of a person's own as part of an export's. */
function wordOf(text: string, otherwise: string): string {
  const word = text.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '-');
  return word.replaceAll(/^[-_]+|-+$/g, '').slice(0, 60) || otherwise;
}

function refuse(sentence: string): never {
  throw new MistnetError('export.refused', sentence);
}
