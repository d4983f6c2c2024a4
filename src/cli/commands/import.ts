import { type Command, Option } from 'commander';
import { loadCollections, loadImports } from '../lazy-parts.ts';
import { loadRows } from '../load-rows.ts';
import { type Config, foldersOf, readConfig } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { silentLog } from '../../core/log.ts';
import { systemClock } from '../../core/time.ts';
import type { FileReport, ImportTarget } from '../../jobs/imports/import-files.ts';
import type { Format } from '../../jobs/imports/source-records.ts';
import type { Database } from '../../store/db.ts';
import type { CommandContext } from '../context.ts';
import { formatCount, formatQuantity } from '../format.ts';
import { isServed, nodeName, prepareHome } from '../supervisor/home.ts';
import { changeWithDeed, longDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

type ImportFlags = { collection: string; format: Format | 'auto'; dryRun?: true; json?: true };

/** So many damaged ids of a file are said on the standard error; --json has a thousand. */
const SAID = 10;
const PROGRESS_MS = 500;

export function addImportCommand(program: Command, { environment, setExitCode }: CommandContext): void {
  program
    .command('import')
    .description('bring an older collection in: files of twarc, Social Feed Manager and Twittomatic, packed or not')
    .argument('<file...>')
    .requiredOption('--collection <name>', 'where to; made when there is none')
    .addOption(
      new Option('--format <format>', 'what the files are')
        .choices(['twarc', 'sfm-json', 'sfm-csv', 'twt', 'auto'])
        .default('auto'),
    )
    .option('--dry-run', 'look at all of it and write nothing')
    .option('--json', 'a report as JSON on the standard output')
    .addHelpText(
      'after',
      '\nIds that a spreadsheet or a float rounded are told with their lines and not imported as posts. Exit code: 0 all is sound,\n' +
        '1 something could not be read, 3 there are damaged ids. After an interruption, call it again: it goes on where it stood.',
    )
    .action(async (files: string[], flags: ImportFlags) => {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const config = readConfig(environment);
      const reports = flags.dryRun
        ? await runImport(files, flags, stop.signal)
        : await importInto(config, files, flags, stop.signal);
      if (flags.json) process.stdout.write(`${JSON.stringify(summaryOf(reports, flags), null, 2)}\n`);
      say(sentenceOf(reports, flags));
      if (reports.some(hasUnread)) setExitCode(1);
      if (reports.some(({ damaged = 0 }) => damaged > 0)) setExitCode(3);
    });
}

async function importInto(
  config: Config,
  files: string[],
  flags: ImportFlags,
  signal: AbortSignal,
): Promise<FileReport[]> {
  await prepareHome(config.home);
  const node = await nodeName(config.home, config.node);
  const isRunning = await isServed(config.home);
  return await withDatabase(config, async (db) => {
    await ensureCollection(db, flags.collection);
    const { openTarget } = await loadImports();
    const bring = async () => {
      const { segments, run, quarantine } = foldersOf(config.home);
      const { sealAgeMs, sealBytes } = config;
      await using target = await openTarget({
        ...{ collection: flags.collection, node, sealAgeMs, sealBytes, clock: systemClock, log: silentLog },
        ...{ segmentsFolder: segments, runFolder: run, quarantineFolder: quarantine },
      });
      return await runImport(files, flags, signal, target);
    };
    const deed = { action: 'collection.import', target: flags.collection, details: { files: files.length } };
    const reports = await longDeed(db, deed, bring, (all) => ({
      posts: all.reduce((sum, { posts = 0 }) => sum + posts, 0),
    }));
    // Whoever holds the home runs a worker, which loads; otherwise it is done here.
    if (!isRunning) await loadRows({ config, db, node, signal });
    else say('The running mistnet loads them.');
    return reports;
  });
}

/** Imports have collections of their own: what a stream or a timeline brought stays apart from what others collected. */
async function ensureCollection(db: Database, name: string): Promise<void> {
  const { addCollection, findCollection } = await loadCollections();
  const found = await findCollection(db, name).catch((error: unknown) => {
    if (error instanceof MistnetError && error.code === 'collection.unknown') return undefined;
    throw error;
  });
  const wish = { name, kind: 'import', platform: 'x', api: 'v2', wanted: 'stopped' } as const;
  const deed = { action: 'collection.create', target: name, details: { kind: 'import', keep: 'all' } };
  if (found === undefined) await changeWithDeed(db, deed, (tx) => addCollection(tx, systemClock, wish));
  else if (found.kind !== 'import')
    throw new MistnetError(
      'collection.invalid',
      `Collection "${name}" collects by itself (${found.kind}); import into another, which is made when there is none.`,
    );
}

async function runImport(
  files: string[],
  { format }: ImportFlags,
  signal: AbortSignal,
  target?: ImportTarget,
): Promise<FileReport[]> {
  const { importFiles } = await loadImports();
  const reports: FileReport[] = [];
  let shownAt = 0;
  const onProgress = ({ file, posts }: { file: string; posts: number }) => {
    const now = performance.now();
    if (!process.stderr.isTTY || now - shownAt < PROGRESS_MS) return;
    shownAt = now;
    process.stderr.write(`\r\u001B[K${file}: ${formatQuantity(posts, 'post')}`);
  };
  const options = { format, nowMs: systemClock.now(), signal, onProgress, ...(target === undefined ? {} : { target }) };
  try {
    for await (const report of importFiles(files, options)) {
      if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
      sayReport(report);
      reports.push(report);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new MistnetError('process.failed', 'Stopped; the same command goes on where it stood.', { cause: error });
  }
  return reports;
}

function sayReport(report: FileReport): void {
  const { file, outcome, error, posts = 0, mended = 0, damaged = 0, damagedIds = [], notPosts = 0, dated = 0 } = report;
  if (outcome === 'failed') return say(error ?? `${file} cannot be read.`);
  const parts = [`${file} (${report.format}): ${formatQuantity(posts, 'post')}`];
  if (mended > 0) parts.push(`${formatCount(mended)} of them with a rounded id that is whole elsewhere in the record`);
  if (damaged > 0) parts.push(`${formatCount(damaged)} with a damaged id`);
  if (notPosts > 0)
    parts.push(`${formatQuantity(notPosts, 'record')} that ${notPosts === 1 ? 'is no post' : 'are no posts'}`);
  if ((report.unreadable ?? 0) > 0) parts.push(`${formatQuantity(report.unreadable ?? 0, 'line')} that cannot be read`);
  const already = outcome === 'already' ? '; all of it was imported before' : '';
  say(`${parts.join(', ')}${already}.`);
  if (posts > dated)
    say(
      `  ${formatCount(posts - dated)} ${posts - dated === 1 ? 'does not say when it was retrieved: it bears' : 'do not say when they were retrieved: they bear'} the file's time, ${report.fileTime}.`,
    );
  if (report.cut !== undefined) say(`  The file is cut or damaged (${report.cut}); what comes after is lost.`);
  for (const { line, id, reason } of damagedIds.slice(0, SAID)) say(`  line ${line}: ${id}: ${reason}`);
  if (damaged > SAID)
    say(`  and ${formatCount(damaged - Math.min(SAID, damagedIds.length))} more; --json lists up to 1,000.`);
  for (const { line, reason } of (report.unreadableLines ?? []).slice(0, SAID)) say(`  line ${line}: ${reason}`);
}

function hasUnread({ outcome, cut, unreadable = 0 }: FileReport): boolean {
  return outcome === 'failed' || cut !== undefined || unreadable > 0;
}

function totalsOf(reports: FileReport[]) {
  const sum = (value: (report: FileReport) => number | undefined) =>
    reports.reduce((total, report) => total + (value(report) ?? 0), 0);
  return {
    files: reports.length,
    failed: reports.filter(({ outcome }) => outcome === 'failed').length,
    posts: sum(({ posts }) => posts),
    mended: sum(({ mended }) => mended),
    damaged: sum(({ damaged }) => damaged),
    unreadable: sum(({ unreadable }) => unreadable),
    notPosts: sum(({ notPosts }) => notPosts),
  };
}

function summaryOf(reports: FileReport[], { collection, dryRun }: ImportFlags) {
  return { collection, dryRun: dryRun === true, ...totalsOf(reports), reports };
}

function sentenceOf(reports: FileReport[], { collection, dryRun }: ImportFlags): string {
  const { posts, damaged, files, failed } = totalsOf(reports);
  const kept =
    damaged === 0
      ? ''
      : ` ${formatQuantity(damaged, 'record')} with ${damaged === 1 ? 'a damaged id is' : 'damaged ids are'} ${dryRun ? 'not taken for posts' : 'quarantined'}.`;
  const unread = failed === 0 ? '' : ` ${formatCount(failed)} could not be read.`;
  const what = `${formatQuantity(posts, 'post')} of ${formatQuantity(files, 'file')}`;
  return dryRun
    ? `${what} could be imported; nothing was written.${kept}${unread}`
    : `${what} ${posts === 1 ? 'is' : 'are'} in collection "${collection}".${kept}${unread}`;
}

function say(text: string): void {
  process.stderr.write(`mistnet: ${text}\n`);
}
