import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { type Command, Option } from 'commander';
import { type AskingPlace, loadAccounts } from '../../compose.ts';
import { type Config, readConfig } from '../../config.ts';
import { causeText, MistnetError } from '../../core/errors.ts';
import { silentLog } from '../../core/log.ts';
import { systemClock } from '../../core/time.ts';
import type { ImportOutcome } from '../../jobs/accounts/import-accounts.ts';
import type { AccountState } from '../../store/accounts/followed-account.ts';
import type { Database } from '../../store/db.ts';
import { changeWithDeed, ifChanged, longDeed } from '../change-with-deed.ts';
import type { CommandContext } from '../context.ts';
import { formatTable } from '../format.ts';
import { withDatabase } from '../with-database.ts';
import { addAccountNames } from './account-names.ts';

type ImportFlags = { set?: string; dryRun?: true; withProtected?: true };
type ListFlags = { set?: string; state?: AccountState; inactive?: true; active?: true; search?: string; json?: true };

export function addAccountCommands(program: Command, context: CommandContext): void {
  const config = () => readConfig(context.environment);
  const account = program
    .command('account')
    .description(
      'accounts that are followed for years: add, import, list, show, activate, deactivate, delete, update-names, sets',
    );

  account
    .command('add')
    .description('follow an account, by its name, the address of its page, or its uid')
    .argument('<account>')
    .option('--set <set>', 'also put it into this set')
    .option('--with-protected', 'also when it is protected')
    .action((input: string, flags: ImportFlags) => addOne(config(), input, flags));

  account
    .command('import')
    .description('follow the accounts of a list, one a line; prints what became of each line as JSON')
    .argument('<file>', 'names, addresses or uids; - is the standard input')
    .option('--set <set>', 'also put them into this set')
    .option('--dry-run', 'look them up and change nothing')
    .option('--with-protected', 'follow protected ones, too')
    .action((file: string, flags: ImportFlags) => importFile(config(), file, flags, context.setExitCode));

  account
    .command('list')
    .description('followed accounts by name')
    .option('--set <set>', 'only those of this set')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices(['public', 'protected', 'suspended', 'gone']),
    )
    .option('--active', 'only active ones')
    .option('--inactive', 'only inactive ones')
    .option('--search <text>', 'a part of the name or of a former one, or the uid')
    .option('--json', 'as JSON')
    .action((flags: ListFlags) => list(config(), flags));

  account
    .command('show')
    .description('one account: names, states with their evidence, profiles, sets, and what of it was collected')
    .argument('<account>', 'name, former name or uid')
    .option('--json', 'as JSON')
    .action((meant: string, { json }: { json?: true }) => show(config(), meant, json === true));

  account
    .command('activate')
    .description('collect an inactive account again, after looking at it by its uid')
    .argument('<account>')
    .action((meant: string) => activate(config(), meant));

  account
    .command('deactivate')
    .description('leave an account out of collecting; all that was collected stays')
    .argument('<account>')
    .action((meant: string) => deactivate(config(), meant));

  account
    .command('delete')
    .description('follow an account no longer and forget its histories; says first what happens')
    .argument('<account>')
    .option('--yes', 'do it')
    .action((meant: string, { yes }: { yes?: true }) => remove(config(), meant, yes === true, context.setExitCode));

  account
    .command('update-names')
    .description('look at all active accounts by uid, 100 a call, and note new names, profiles and states')
    .option('--account <account>', 'only this one')
    .action(({ account: meant }: { account?: string }) => updateNames(config(), meant));

  addAccountNames(account, config, context.setExitCode);

  account
    .command('sets')
    .description('sets of accounts and how many are in each')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { listSets } = await loadAccounts();
      const sets = await withDatabase(config(), (db) => listSets(db));
      if (json) return print(JSON.stringify(sets, null, 2));
      if (sets.length === 0) return print('No set yet. mistnet account import FILE --set NAME makes one.');
      print(
        formatTable(
          ['set', 'accounts'],
          sets.map(({ name, accounts }) => [name, accounts]),
        ),
      );
    });
}

async function addOne(config: Config, input: string, flags: ImportFlags): Promise<void> {
  await importEach(config, { input: oneLine(input), target: input }, flags, ({ outcome, message }) => {
    // One that is followed already may be put into another set; without one there is nothing to do.
    if (outcome === 'added' || (outcome === 'present' && flags.set !== undefined)) print(message);
    else throw new MistnetError('account.refused', message);
  });
}

async function importFile(
  config: Config,
  file: string,
  flags: ImportFlags,
  setExitCode: (code: number) => void,
): Promise<void> {
  if (file !== '-')
    await access(file).catch((error: unknown) => {
      throw new MistnetError('folder.unreadable', `${file} cannot be read: ${causeText(error)}.`, { cause: error });
    });
  const counts = new Map<string, number>();
  await importEach(config, { input: linesOf(file), target: basename(file) }, flags, (outcome) => {
    print(JSON.stringify(outcome));
    counts.set(outcome.outcome, (counts.get(outcome.outcome) ?? 0) + 1);
  });
  const summary = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  process.stderr.write(
    `mistnet: ${summary === '' ? 'The list is empty' : summary}${flags.dryRun ? ' (nothing was changed)' : ''}.\n`,
  );
  if (counts.has('error')) setExitCode(1);
}

async function importEach(
  config: Config,
  { input, target }: { input: AsyncIterable<string>; target: string },
  flags: ImportFlags,
  onOutcome: (outcome: ImportOutcome) => void,
): Promise<void> {
  const { importWith } = await loadAccounts();
  await withDatabase(config, async (db, databaseUrl) => {
    const inSet = flags.set === undefined ? {} : { set: flags.set };
    const wish = { ...inSet, dryRun: flags.dryRun === true, withProtected: flags.withProtected === true };
    const all = async () => {
      let accounts = 0;
      for await (const outcome of importWith(placeOf(config, db, databaseUrl), input, wish)) {
        onOutcome(outcome);
        if (outcome.outcome === 'added') accounts++;
      }
      return accounts;
    };
    if (wish.dryRun) await all();
    else await longDeed(db, { action: 'account.add', target, details: inSet }, all, (accounts) => ({ accounts }));
  });
}

/** Looks are made by the ledger of all workers: they count in its windows and its money. */
function placeOf(config: Config, db: Database, databaseUrl: string): AskingPlace {
  return { config, db, databaseUrl, node: config.node ?? 'command', log: silentLog };
}

async function list(config: Config, { json, inactive, active, ...filter }: ListFlags): Promise<void> {
  const { listFollowed } = await loadAccounts();
  const wish = { ...filter, ...(active ? { active: true } : inactive ? { active: false } : {}) };
  const accounts = await withDatabase(config, (db) => listFollowed(db, wish));
  if (json) return print(JSON.stringify(accounts, null, 2));
  if (accounts.length === 0) return print('No such account is followed. mistnet account add NAME follows one.');
  print(
    formatTable(
      ['name', 'uid', 'active', 'state', 'since', 'checked'],
      accounts.map((each) => [
        `@${each.handle}`,
        each.accountId,
        each.active ? 'active' : 'inactive',
        each.state,
        each.stateSince.slice(0, 10),
        each.checkedAt.slice(0, 16),
      ]),
    ),
  );
}

async function show(config: Config, meant: string, json: boolean): Promise<void> {
  const { findFollowed, historyOf, holdingsOf } = await loadAccounts();
  const shown = await withDatabase(config, async (db) => {
    const found = await findFollowed(db, meant);
    return { ...found, ...(await historyOf(db, found)), holdings: await holdingsOf(db, found) };
  });
  if (json) {
    // The form in which Social Feed Manager wrote former names, for those who move from there.
    const formerNames = Object.fromEntries(
      shown.names.slice(1).map(({ notedAt }, at) => [`${notedAt.slice(0, 19)}Z`, shown.names[at]?.handle ?? '']),
    );
    return print(JSON.stringify({ ...shown, formerNames }, null, 2));
  }
  print(
    `@${shown.handle} (uid ${shown.accountId}), ${shown.active ? 'active' : 'inactive'}, followed since ${shown.addedAt}`,
  );
  print(`state: ${shown.state} since ${shown.stateSince}, looked at ${shown.checkedAt}`);
  print(`sets: ${shown.sets.join(', ') || 'none'}`);
  print(
    `collected: ${shown.holdings.posts} ${shown.holdings.posts === 1 ? 'post' : 'posts'} in ${shown.holdings.collections.join(', ') || 'no collection'}`,
  );
  print('names:');
  for (const { notedAt, handle } of shown.names) print(`  ${notedAt}  @${handle}`);
  print('states:');
  for (const { since, state, endpoint, evidence } of shown.states)
    print(`  ${since}  ${state}  (${endpoint}: ${evidence})`);
  print(`profiles kept: ${shown.profiles.length}`);
}

async function activate(config: Config, meant: string): Promise<void> {
  const { findFollowed, requireCollectable, checkWith, setActive } = await loadAccounts();
  await withDatabase(config, async (db, databaseUrl) => {
    const place = placeOf(config, db, databaseUrl);
    const found = await findFollowed(db, meant);
    const now = await requireCollectable(db, found, (accounts) => checkWith(place, accounts));
    const renamed = now.handle === found.handle ? '' : `, whose name was @${found.handle},`;
    const deed = { action: 'account.activate', target: `@${now.handle}` };
    const changed = await changeWithDeed(db, ifChanged(deed), (tx) => setActive(tx, now, true));
    print(`@${now.handle}${renamed} is ${changed ? 'active from now on' : 'active already'}.`);
  });
}

async function deactivate(config: Config, meant: string): Promise<void> {
  const { findFollowed, setActive } = await loadAccounts();
  await withDatabase(config, async (db) => {
    const found = await findFollowed(db, meant);
    const deed = { action: 'account.deactivate', target: `@${found.handle}` };
    const changed = await changeWithDeed(db, ifChanged(deed), (tx) => setActive(tx, found, false));
    print(
      changed
        ? `@${found.handle} is inactive: it is collected no longer; all that was collected stays and can be exported.`
        : `@${found.handle} is inactive already.`,
    );
  });
}

async function remove(config: Config, meant: string, yes: boolean, setExitCode: (code: number) => void): Promise<void> {
  const { findFollowed, holdingsOf, unfollow } = await loadAccounts();
  await withDatabase(config, async (db) => {
    const found = await findFollowed(db, meant);
    const { posts, collections } = await holdingsOf(db, found);
    const kept =
      posts === 0
        ? 'Nothing of it was collected.'
        : `Its ${posts === 1 ? 'one post stays' : `${posts} posts stay`} in ${collections.join(', ') || 'the database'}.`;
    const forgotten = (verb: string) =>
      `@${found.handle} (${found.accountId}): its names, states, profiles and memberships of sets ${verb} forgotten. ${kept}`;
    if (!yes) {
      process.stderr.write(
        `mistnet: ${forgotten('would be')} To do that, add --yes; to keep all of it, use deactivate.\n`,
      );
      return setExitCode(2);
    }
    const deed = { action: 'account.forget', target: `@${found.handle}`, details: { uid: found.accountId } };
    await changeWithDeed(db, deed, (tx) => unfollow(tx, systemClock, found));
    print(forgotten('are'));
  });
}

async function updateNames(config: Config, meant: string | undefined): Promise<void> {
  const { findFollowed, listFollowed, checkWith } = await loadAccounts();
  await withDatabase(config, async (db, databaseUrl) => {
    const accounts = meant === undefined ? await listFollowed(db, { active: true }) : [await findFollowed(db, meant)];
    if (accounts.length === 0) return print('No active account is followed.');
    const names = new Map(accounts.map(({ accountId, handle }) => [accountId, handle]));
    for await (const { page, pages, news, unsaid } of checkWith(placeOf(config, db, databaseUrl), accounts)) {
      print(`Page ${page} of ${pages}`);
      for (const { accountId, renamed, stateChanged } of news) {
        if (renamed !== undefined) print(`user: ${renamed.from} -- updating screen name to ${renamed.to}`);
        if (stateChanged !== undefined)
          print(`user: ${names.get(accountId)} -- was ${stateChanged.from}, is ${stateChanged.to}`);
      }
      for (const accountId of unsaid) print(`user: ${names.get(accountId)} -- the platform said nothing of it`);
    }
    process.stderr.write(
      `mistnet: ${accounts.length} ${accounts.length === 1 ? 'account was' : 'accounts were'} looked at, at ${new Date(systemClock.now()).toISOString()}.\n`,
    );
  });
}

/** Opened when the first line is asked for: a reader of lines that nobody listens to yet loses them. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

async function* oneLine(text: string): AsyncGenerator<string> {
  yield text;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
