import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { eachFile } from '../each-file.ts';
import { type Command, InvalidArgumentError } from 'commander';
import { buildHourNow } from '../build-hour-now.ts';
import { loadHourBuilder } from '../lazy-parts.ts';
import { foldersOf, readConfig } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { parseUtcHour, systemClock } from '../../core/time.ts';
import type { BuildProgress, BuiltHour } from '../../process/build-hour.ts';
import type { DatasetManifest } from '../../process/dataset-manifest.ts';
import type { NodeInput } from '../../process/read-node.ts';
import type { XzLevel } from '../../process/xz.ts';
import { type CommandContext, readVersion } from '../context.ts';
import { formatBytes, formatCount, formatQuantity, formatTable } from '../format.ts';
import { withDatabase } from '../with-database.ts';

type BuildOptions = {
  collection?: string;
  from?: string[];
  hour: string;
  output?: string;
  zone?: string;
  xzLevel: XzLevel | 'none';
  json?: true;
};

type ListOptions = { collection?: string; revisions?: true; json?: true };

export function addDatasetCommands(program: Command, { environment, setExitCode }: CommandContext): void {
  const dataset = program.command('dataset').description('hourly datasets: ids, tweets, users, Parquet, report');
  dataset
    .command('build')
    .description(
      'build one hour, of a collection or of plain folders (one --from folder is one node; their whole content is the hour)',
    )
    .option('--collection <name>', 'build from the segments of this collection')
    .option(
      '--from <folder>',
      'read every *.jsonl, .jsonl.gz, .jsonl.zst below this folder (and streamsample-…Z.gz, twitterfilter-N-…Z.gz); repeat it for further nodes',
      collect,
    )
    .requiredOption('--hour <hour>', 'the UTC hour, like 2026-11-22T13Z')
    .option('--output <folder>', 'where to publish (with --from)')
    .option('--zone <zone>', 'time zone of names and report (with --from; default UTC)')
    .option('--xz-level <level>', '0 to 9, or none for files that are not packed', parseXzLevel, 6)
    .option('--json', 'print the manifest')
    .action(async (options: BuildOptions) => {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const progress = showProgress();
      try {
        const built =
          options.from === undefined
            ? await buildOfCollection(options, environment, stop.signal, progress.show)
            : await buildOfFolders(options, stop.signal, progress.show);
        progress.clear();
        printBuilt(built, options.json === true);
      } catch (error) {
        progress.clear();
        if (!stop.signal.aborted) throw error;
        process.stderr.write('mistnet: stopped; nothing was published.\n');
        setExitCode(1);
      }
    });
  dataset
    .command('list')
    .description('the published hours with their counts, from their manifests; no database is needed')
    .argument('[folder]', 'where datasets lie (default: those of the home)')
    .option('--collection <name>', 'only of this collection of the home')
    .option('--revisions', 'superseded revisions, too')
    .option('--json', 'print the manifests, one a line')
    .action(async (folder: string | undefined, options: ListOptions) => {
      const { collection, revisions = false, json } = options;
      if (folder !== undefined && collection !== undefined)
        throw new MistnetError('usage.invalid', 'Give either a folder or --collection, not both.');
      const { listDatasets } = await loadHourBuilder();
      const from = folder ?? homeFolder(environment, collection);
      // A home that has published nothing yet has no folder for it.
      const listed = folder === undefined && !existsSync(from) ? [] : await listDatasets(from, { revisions });
      const rows: (string | number)[][] = [];
      for (const entry of listed) {
        if ('unreadable' in entry) {
          setExitCode(3);
          process.stderr.write(`mistnet: ${entry.manifestPath} cannot be read: ${entry.unreadable}\n`);
        } else if (json) process.stdout.write(`${JSON.stringify(entry.manifest)}\n`);
        else rows.push(datasetRow(entry.manifest));
      }
      if (json) return;
      if (listed.length > 0 && rows.length === 0) return; // what there is was said to be unreadable
      if (rows.length === 0) return void process.stderr.write('mistnet: No hour is published there yet.\n');
      process.stdout.write(`${formatTable(LIST_HEAD, rows)}\n`);
    });
  dataset
    .command('verify')
    .description('compare published hours with their manifests; exit code 3 when one differs')
    .argument('<manifest...>', 'paths of …_manifest.json')
    .action(async (manifests: string[]) => {
      const { verifyDataset } = await loadHourBuilder();
      await eachFile(manifests, setExitCode, async (path) => {
        const { manifest, differences } = await verifyDataset(path);
        for (const { file, problem, expected, found } of differences) {
          process.stdout.write(
            `${path}: ${file}: ${problem}, manifest says ${expected}${found === undefined ? '' : `, found ${found}`}\n`,
          );
        }
        if (differences.length === 0)
          process.stdout.write(
            `${path}: ok, ${formatQuantity(manifest.counts.tweets, 'tweet')}, revision ${manifest.revision}\n`,
          );
        return differences.length === 0 ? 'ok' : 'differs';
      });
    });
}

const LIST_HEAD = ['HOUR', 'COLLECTION', 'NAMED', 'TWEETS', 'USERS', 'NODES', 'REVISION', 'SIZE', 'STATE'];

function datasetRow(manifest: DatasetManifest): (string | number)[] {
  const { hour, collection = '–', label, counts, nodes, revision, outputs, partial } = manifest;
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
  const states = [...(partial ? ['partial'] : []), ...(damagedInputs(manifest).length > 0 ? ['damaged input'] : [])];
  const state = states.join(', ') || 'whole';
  return [hour, collection, label, counts.tweets, counts.users, nodes.length, revision, formatBytes(bytes), state];
}

/** Files that could be read up to their damage alone: posts of the hour may lie behind it. */
function damagedInputs({ nodes }: DatasetManifest): string[] {
  return nodes.flatMap(({ inputs }) => inputs.flatMap(({ file, damaged }) => (damaged === undefined ? [] : [file])));
}

function homeFolder(environment: CommandContext['environment'], collection: string | undefined): string {
  const { datasets } = foldersOf(readConfig(environment).home);
  const folder = collection === undefined ? datasets : join(datasets, collection);
  if (collection !== undefined && !existsSync(folder))
    throw new MistnetError(
      'collection.unknown',
      `No hour of a collection "${collection}" is published in ${datasets}.`,
    );
  return folder;
}

async function buildOfCollection(
  options: BuildOptions,
  environment: CommandContext['environment'],
  signal: AbortSignal,
  onProgress: (progress: BuildProgress) => void,
): Promise<BuiltHour> {
  const { collection, hour, xzLevel, output, zone } = options;
  if (collection === undefined)
    throw new MistnetError(
      'usage.invalid',
      'Say what to build from: --collection NAME, or --from FOLDER with --output FOLDER.',
    );
  if (output !== undefined || zone !== undefined)
    throw new MistnetError(
      'usage.invalid',
      "--output and --zone go with --from; a collection's datasets lie in its home, named in its zone.",
    );
  parseUtcHour(hour);
  const config = readConfig(environment);
  return await withDatabase(config, (_db, databaseUrl) =>
    buildHourNow({ config, databaseUrl, version: readVersion(), collection, hour, xzLevel, signal, onProgress }),
  );
}

async function buildOfFolders(
  { from = [], collection, hour, output, zone, xzLevel }: BuildOptions,
  signal: AbortSignal,
  onProgress: (progress: BuildProgress) => void,
): Promise<BuiltHour> {
  if (output === undefined)
    throw new MistnetError('usage.invalid', '--from needs --output FOLDER, where the hour is published.');
  if (collection !== undefined)
    throw new MistnetError('usage.invalid', 'Give either --collection or --from, not both.');
  const utcHour = parseUtcHour(hour);
  const { buildHour, collectInputFiles } = await loadHourBuilder();
  const nodes: NodeInput[] = [];
  for (const folder of from)
    nodes.push({ name: uniqueName(basename(folder), nodes), files: await collectInputFiles(folder) });
  return await buildHour({
    hour: utcHour,
    nodes,
    output,
    ...(zone === undefined ? {} : { zone }),
    xzLevel,
    mode: 'whole',
    version: readVersion(),
    clock: systemClock,
    signal,
    onProgress,
  });
}

function printBuilt({ manifest, manifestPath, dayFolder, isNew }: BuiltHour, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
  process.stdout.write(`${manifest.report.line}\n`);
  const { tweets, users, percent } = manifest.counts;
  const state = `${manifest.partial ? 'partial, ' : ''}revision ${manifest.revision}${isNew ? '' : ', built before from the same inputs'}`;
  process.stderr.write(
    `${formatQuantity(tweets, 'tweet')}, ${formatQuantity(users, 'user')}${manifest.nodes.length > 1 ? `, nodes differ by ${percent} %` : ''} (${state}) in ${dayFolder}\n`,
  );
  for (const { file, bytes } of Object.values(manifest.outputs))
    process.stderr.write(`  ${file}  ${formatBytes(bytes)}\n`);
  const malformed = manifest.nodes.reduce(
    (total, node) => total + Object.values(node.malformed).reduce((sum, count) => sum + count, 0),
    0,
  );
  if (malformed > 0)
    process.stderr.write(
      `  ${formatCount(malformed)} malformed lines were left out; ${manifestPath} says which and why\n`,
    );
  const damaged = damagedInputs(manifest);
  if (damaged.length > 0)
    process.stderr.write(
      `  read only up to its damage: ${damaged.slice(0, 3).join(', ')}${damaged.length > 3 ? `, … (${formatCount(damaged.length)} files)` : ''}; put a good copy back and build again\n`,
    );
}

/** One line on a terminal, nothing in a pipe. */
function showProgress(): { show: (progress: BuildProgress) => void; clear: () => void } {
  if (!process.stderr.isTTY) return { show: () => {}, clear: () => {} };
  let readBytes = 0;
  let lastFile = { file: '', bytes: 0 };
  const line = (text: string) => process.stderr.write(`\r\x1b[K${text}`);
  return {
    show: (progress) => {
      if (progress.stage === 'reading') {
        if (progress.file !== lastFile.file) readBytes += lastFile.bytes;
        lastFile = { file: progress.file, bytes: progress.contentBytes };
        line(`reading ${progress.node}: ${formatBytes(readBytes + lastFile.bytes)}, ${basename(progress.file)}`);
      } else line(progress.stage === 'written' ? `written: ${progress.output}` : `publishing: ${progress.step}`);
    },
    clear: () => line(''),
  };
}

function uniqueName(name: string, nodes: { name: string }[]): string {
  const taken = new Set(nodes.map((node) => node.name));
  let unique = name;
  for (let number = 2; taken.has(unique); number++) unique = `${name}_${number}`;
  return unique;
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

function parseXzLevel(text: string): XzLevel | 'none' {
  if (text === 'none') return 'none';
  if (!/^[0-9]$/.test(text)) throw new InvalidArgumentError('It must be 0 to 9, or none.');
  return Number(text) as XzLevel;
}
