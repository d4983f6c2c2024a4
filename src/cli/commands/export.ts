/** `mistnet export`: posts to files that a person takes away, here and now or by the worker; and the list of exports. */
import { isAbsolute, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { loadExports } from '../lazy-parts.ts';
import { type Config, foldersOf, readConfig } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { msToCompactInstant, systemClock } from '../../core/time.ts';
import type { ExportRequest } from '../../share/export-request.ts';
import type { Database } from '../../store/db.ts';
import { type PostKind, postKinds } from '../../core/post.ts';
import type { ExportRecord } from '../../store/export/exports.ts';
import { type CommandContext, readVersion } from '../context.ts';
import { showExportProgress } from '../export-progress.ts';
import { formatBytes, formatCount, formatQuantity, formatTable } from '../format.ts';
import { isServed, nodeName, prepareHome } from '../supervisor/home.ts';
import { changeWithDeed, noteDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

type ExportOptions = {
  collection?: string;
  account?: string;
  set?: string;
  seed?: string[];
  format: string;
  preset?: string;
  postedFrom?: string;
  postedTo?: string;
  capturedFrom?: string;
  capturedTo?: string;
  search?: string;
  lang?: string;
  kind?: PostKind;
  has?: ('media' | 'links' | 'geo')[];
  zone?: string;
  observations?: string;
  split?: string;
  excelSafe?: true;
  honourDeletions?: boolean;
  name?: string;
  output?: string;
  background?: true;
  json?: true;
};

export function addExportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('export')
    .description('write posts to files with their dictionary, gaps and counts: a folder that is published whole')
    .argument('[what]', 'all: whatever is stored; a collection, an account or a set is named by its option')
    .option('--collection <name>', 'posts that this collection met')
    .option('--seed <account...>', 'of the accounts that the collection follows these alone: handles or ids')
    .option('--account <account>', 'posts of this account: its handle, present or former, or its id')
    .option('--set <name>', 'posts of the accounts in this set')
    .option('--format <format>', 'csv, tsv, xlsx, jsonl (payloads as received), parquet, or ids', 'csv')
    .option(
      '--preset <preset>',
      "columns: full, sfm (Social Feed Manager's 20) or sample (the hourly datasets' 20) (default: full)",
    )
    .option('--posted-from <time>', 'posted at or after this: YYYY-MM-DD, or an instant like 2026-11-22T13:00:00Z')
    .option('--posted-to <time>', 'posted before this instant, or on this day at the latest')
    .option('--captured-from <time>', 'captured at or after this')
    .option('--captured-to <time>', 'captured before this instant, or on this day at the latest')
    .option(
      '--search <words>',
      'of these, what a search of posts finds: words, "a phrase", #tag, @name, from:name, -without',
    )
    .option('--lang <code>', 'of these, posts in this language, as the platform says it')
    .addOption(new Option('--kind <kind>', 'of these, posts of this kind').choices(postKinds))
    .addOption(new Option('--has <what...>', 'of these, posts with all of this').choices(['media', 'links', 'geo']))
    .option('--zone <zone>', "in which days begin (default: the collection's, else UTC)")
    .addOption(
      new Option(
        '--observations <which>',
        'newest: a row a post, with its newest counts in the window; all: a row each time it was captured',
      ).default('newest'),
    )
    .option('--split <rows>', 'begin a new file after so many rows')
    .option('--excel-safe', 'csv and tsv for Excel: byte order mark, ids as text, nothing that is taken for a formula')
    .option(
      '--honour-deletions',
      'leave out what was deleted, withheld everywhere, or is of an account not public any more (the default)',
    )
    .option('--no-honour-deletions', 'write it nevertheless, for the archive alone; the README says so')
    .option('--name <name>', 'what the export is called (default: what is exported, and the time)')
    .option(
      '--output <folder>',
      "where it is published (default: the home's exports/<name>); - writes rows to standard output",
    )
    .option('--background', 'let the worker do it; mistnet export list shows how far it is')
    .option('--json', 'print the manifest')
    .action(async (what: string | undefined, options: ExportOptions) => {
      const config = readConfig(context.environment);
      await withDatabase(config, (db) => runCommand(db, { what, options, config, context }));
    });
  command
    .command('list')
    .description('exports, newest first')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { json?: true }) => {
      const { listExports } = await loadExports();
      await withDatabase(readConfig(context.environment), async (db) =>
        printList(await listExports(db), json === true),
      );
    });
  command
    .command('show')
    .description('one export: what it asks for, how far it is, where its files are')
    .argument('<name>', 'its name')
    .option('--json', 'as JSON')
    .action(async (name: string, { json }: { json?: true }) => {
      const { findExport } = await loadExports();
      const record = await withDatabase(readConfig(context.environment), (db) => findExport(db, name));
      process.stdout.write(json ? `${JSON.stringify(record)}\n` : shown(record));
    });
  command
    .command('cancel')
    .description('stop an export that waits or runs, and remove what it has written')
    .argument('<name>', 'its name')
    .action(async (name: string) => {
      const { cancelExport } = await loadExports();
      const now = new Date(systemClock.now()).toISOString();
      const { state } = await withDatabase(readConfig(context.environment), (db) =>
        changeWithDeed(db, { action: 'export.cancel', target: name }, (tx) => cancelExport(tx, name, now)),
      );
      process.stderr.write(
        state === 'cancelled'
          ? `Cancelled ${name}.\n`
          : `${name} is being stopped; mistnet export show ${name} says when it has ended.\n`,
      );
    });
}

type Run = { what: string | undefined; options: ExportOptions; config: Config; context: CommandContext };

async function runCommand(db: Database, run: Run): Promise<void> {
  const { options, config } = run;
  const { request, subject } = await readWish(db, run);
  if (options.output === '-') return await streamToStdout(db, run, { request, subject });
  const { askForExport, EXPORT_NAME } = await loadExports();
  const now = systemClock.now();
  const name = options.name ?? `${subject}-${msToCompactInstant(now).toLowerCase()}`;
  if (!EXPORT_NAME.test(name))
    refuse(`--name is "${name}"; use up to 100 of a-z, 0-9, _, - and ., beginning with a letter or digit.`);
  const { output } = options;
  const folder =
    output === undefined ? join(foldersOf(config.home).exports, name) : isAbsolute(output) ? output : resolve(output);
  await prepareHome(config.home); // a machine that only exports has none yet
  const node = await nodeName(config.home, config.node);
  const background = options.background === true;
  const asked = { name, node, folder, request, background, askedAt: new Date(now).toISOString() };
  const deed = { action: 'export.ask', target: name, details: { format: request.format } };
  await changeWithDeed(db, deed, (tx) => askForExport(tx, asked));
  if (!background) return await exportNow(db, run, name);
  const runs = await isServed(config.home);
  process.stderr.write(
    `${name} waits for the worker of this machine${runs ? '' : ', which does not run: mistnet start'}. mistnet export show ${name} says how far it is.\n`,
  );
  process.stdout.write(`${name}\n`);
}

async function readWish(db: Database, { what, options }: Run): Promise<{ request: ExportRequest; subject: string }> {
  const { resolveWish } = await loadExports();
  if (what !== undefined && what !== 'all')
    refuse(`"${what}" is nothing that can be exported; write all, --collection NAME, --account NAME or --set NAME.`);
  const { search: text, lang, kind, has, seed: seeds, ...rest } = options;
  const search = { text, lang, kind, has };
  const isSearch = Object.values(search).some((each) => each !== undefined);
  return await resolveWish(db, {
    ...{ ...rest, seeds },
    ...(isSearch ? { search } : {}),
    ...(what === 'all' ? { all: true } : {}),
  });
}

/** In the foreground: an abort takes away what was written. */
async function exportNow(db: Database, { options, context }: Run, name: string): Promise<void> {
  const { exportPosts, discardExport, endExport, findExport } = await loadExports();
  const stop = abortOnSignal();
  const progress = showExportProgress();
  try {
    const manifest = await exportPosts(
      { db, version: readVersion(), clock: systemClock, signal: stop, onProgress: progress.show },
      name,
    );
    progress.clear();
    if (manifest === undefined) {
      process.stderr.write(`mistnet: ${name} was cancelled; nothing was published.\n`);
      return context.setExitCode(1);
    }
    const { folder } = await findExport(db, name);
    if (options.json) process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
    else process.stdout.write(`${folder}\n`);
    process.stderr.write(`${formatQuantity(manifest.rows, 'row')}, counted and written, in ${folder}\n`);
    sayWithdrawn(manifest.withdrawn?.honoured === true, manifest.withdrawn?.reasons ?? []);
    for (const { file, bytes } of manifest.files) process.stderr.write(`  ${file}  ${formatBytes(bytes)}\n`);
  } catch (error) {
    progress.clear();
    if (!stop.aborted) throw error;
    const { folder } = await findExport(db, name);
    await discardExport(folder, name, systemClock);
    await endExport(db, name, { state: 'cancelled', finishedAt: new Date(systemClock.now()).toISOString() });
    process.stderr.write('mistnet: stopped; nothing was published.\n');
    context.setExitCode(1);
  }
}

async function streamToStdout(
  db: Database,
  { options }: Run,
  { request, subject }: { request: ExportRequest; subject: string },
): Promise<void> {
  if (request.format === 'xlsx' || request.format === 'parquet')
    refuse(`${request.format} is no format for a pipe; give --output FOLDER, or another format.`);
  if (options.background || options.name !== undefined || options.split !== undefined || options.json)
    refuse('--output - writes rows alone: --background, --name, --split and --json do not go with it.');
  const { streamExport, rowText, presetOf, TextBytes } = await loadExports();
  const text = rowText(request, presetOf(request), () => {});
  // What leaves by a pipe is in no list of exports: its row is there before the first post goes.
  await noteDeed(db, { action: 'export.print', target: subject, details: { format: request.format } });
  const rows = new TextBytes();
  const progress = showExportProgress();
  try {
    await writeOut(text.header);
    const { withdrawn } = await streamExport({
      ...{ db, request, signal: abortOnSignal(), onProgress: progress.show },
      write: (posts) => {
        for (const post of posts) text.add(post, rows);
        return writeOut(rows.take());
      },
    });
    progress.clear();
    sayWithdrawn(request.honourDeletions, withdrawn);
  } finally {
    progress.clear();
  }
}

/** What was left out, or is in it although it may not be shared. */
function sayWithdrawn(honoured: boolean, reasons: { reason: string; posts: number }[]): void {
  const posts = reasons.reduce((sum, each) => sum + each.posts, 0);
  if (posts === 0) return;
  const why = reasons.map((each) => `${formatCount(each.posts)} ${each.reason.replace('_', ' ')}`).join(', ');
  process.stderr.write(
    honoured
      ? `${formatQuantity(posts, 'post')} ${posts === 1 ? 'was' : 'were'} left out (${why}); --no-honour-deletions keeps them.\n`
      : `${formatCount(posts)} of the posts may not be shared any more (${why}).\n`,
  );
}

/** Waits until whoever reads has taken it, so that memory stays flat. */
function writeOut(text: string | Buffer): Promise<void> {
  return new Promise((done, fail) => {
    process.stdout.write(text, (error) => (error == null ? done() : fail(error)));
  });
}

function abortOnSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

function printList(records: ExportRecord[], json: boolean): void {
  if (json) return void process.stdout.write(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  if (records.length === 0) return void process.stderr.write('mistnet: There is no export yet.\n');
  const rows = records.map((record) => [
    record.name,
    record.state,
    record.rowsDone,
    record.rowsTotal === undefined ? '' : formatCount(record.rowsTotal),
    formatBytes(record.bytesDone),
    record.askedAt,
    record.node,
    record.folder,
  ]);
  process.stdout.write(`${formatTable(['NAME', 'STATE', 'ROWS', 'OF', 'SIZE', 'ASKED', 'NODE', 'FOLDER'], rows)}\n`);
}

function shown(record: ExportRecord): string {
  const { name, state, rowsDone, rowsTotal, bytesDone, reason, folder, node, askedAt, startedAt, finishedAt, request } =
    record;
  const of = rowsTotal === undefined ? '' : ` of ${formatCount(rowsTotal)}`;
  const lines = [
    `${name}: ${state}${reason === undefined ? '' : `: ${reason}`}`,
    `rows      ${formatCount(rowsDone)}${of}, ${formatBytes(bytesDone)}`,
    `folder    ${folder} on ${node}`,
    `asked     ${askedAt}${startedAt === undefined ? '' : `, began ${startedAt}`}${finishedAt === undefined ? '' : `, ended ${finishedAt}`}`,
    `query     ${JSON.stringify(request)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function refuse(sentence: string): never {
  throw new MistnetError('usage.invalid', sentence);
}
