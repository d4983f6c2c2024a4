import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { loadCredentials } from '../../compose.ts';
import { type Config, readConfig } from '../../config.ts';
import { causeText, MistnetError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { systemClock } from '../../core/time.ts';
import type { CommandContext } from '../context.ts';
import { formatTable } from '../format.ts';
import { changeWithDeed, longDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

type AddOptions = {
  from: string;
  kind?: 'app' | 'oauth1' | 'oauth2';
  owner: string;
  level?: string;
  test: boolean;
  json?: true;
};

const LEVEL_HELP =
  'what was bought: pay-per-use, basic, pro, enterprise, academic, 2012; without it the dearest that is sold without a contract, pay-per-use';

export function addCredentialCommands(program: Command, { environment }: CommandContext): void {
  const config = () => readConfig(environment);
  const credential = program.command('credential').description('keys to the platforms: add, list, remove, test');

  credential
    .command('add')
    .description('keep a key, sealed, and try what it can do')
    .argument('<label>', 'what it is called here: small letters, digits, ".", "_" and "-"')
    .requiredOption(
      '--from <file>',
      'JSON, or lines NAME=VALUE, with the fields as the platform names them; - is the standard input',
    )
    .addOption(
      new Option('--kind <kind>', 'when the file has keys of several kinds').choices(['app', 'oauth1', 'oauth2']),
    )
    .option('--owner <name>', 'whose own it is: only what names it is asked with it; without, it serves everybody', '')
    .option('--level <level>', LEVEL_HELP)
    .option('--no-test', 'do not try it now')
    .option('--json', 'as JSON')
    .action((label: string, options: AddOptions) => add(config(), label, options));

  credential
    .command('level')
    .description('say what was bought with a key: limits and prices go by it')
    .argument('<label>')
    .argument('<level>', LEVEL_HELP)
    .action(async (label: string, level: string) => {
      const { requireLevel, setLevel } = await loadCredentials();
      if (level !== 'unknown') requireLevel(level);
      const deed = { action: 'credential.level', target: label, details: { level } };
      await withDatabase(config(), (db) =>
        changeWithDeed(db, deed, (tx) => setLevel(tx, label, level === 'unknown' ? null : level)),
      );
      print(`The credential "${label}" counts as ${level === 'unknown' ? 'pay-per-use' : level} from now on.`);
    });

  credential
    .command('list')
    .description('all keys by their labels, and what they can do; never what is secret in them')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => list(config(), json === true));

  credential
    .command('test')
    .description('try what a key can do now; all of them without a label')
    .argument('[label]')
    .option('--json', 'as JSON')
    .action(async (label: string | undefined, { json }: { json?: true }) => {
      const results = await test(config(), label, json === true);
      const refused = results.filter((result) => result.refused !== null).map((result) => result.label);
      if (refused.length > 0)
        throw new MistnetError(
          'credential.unusable',
          `X lets in nowhere: ${refused.join(', ')}. A renewed key takes its label: credential remove, credential add.`,
        );
    });

  credential
    .command('remove')
    .description('forget a key; work that needs it is paused')
    .argument('<label>')
    .action(async (label: string) => {
      const { removeCredential } = await loadCredentials();
      await withDatabase(config(), (db) =>
        changeWithDeed(db, { action: 'credential.remove', target: label }, (tx) => removeCredential(tx, label)),
      );
      print(`The credential "${label}" was removed. Revoke it on the platform, too, if nobody else uses it.`);
    });
}

async function add(
  config: Config,
  label: string,
  { from, kind, owner, level, test: isTested, json }: AddOptions,
): Promise<void> {
  const { addCredential, canonicalField, kindOfFields, openKeyring, requireLevel } = await loadCredentials();
  if (level !== undefined) requireLevel(level);
  const found = kindOfFields(await readFields(from, canonicalField), kind);
  await withDatabase(config, async (db) => {
    const ring = await openKeyring(config, db);
    await changeWithDeed(db, { action: 'credential.add', target: label, details: { kind: found.kind } }, (tx) =>
      addCredential(tx, ring, systemClock, { label, platform: 'x', owner, level, ...found }),
    );
  });
  process.stderr.write(
    `mistnet: The credential "${label}" (${found.kind}) was added; what is secret in it is sealed.\n`,
  );
  if (isTested) await test(config, label, json === true);
}

async function list(config: Config, json: boolean): Promise<void> {
  const { listCredentials } = await loadCredentials();
  const credentials = await withDatabase(config, (db) => listCredentials(db));
  if (json) return print(JSON.stringify(credentials, null, 2));
  if (credentials.length === 0) return print('No credential yet. Add one: mistnet credential add LABEL --from FILE');
  print(
    formatTable(
      ['label', 'platform', 'kind', 'level', 'owner', 'state', 'can'],
      credentials.map(({ label, platform, kind, level, owner, refused, abilities }) => [
        label,
        platform,
        kind,
        level ?? 'pay-per-use?',
        owner,
        refused === null ? (abilities === null ? 'not tried' : 'in use') : `refused: ${refused}`,
        abilities
          ?.filter(({ ok }) => ok)
          .map(({ ability }) => ability)
          .join(', ') ?? '',
      ]),
    ),
  );
}

/** Tries them, prints what came of it, and answers with it. */
async function test(config: Config, label: string | undefined, json: boolean) {
  const { testCredentials } = await loadCredentials();
  const results = await withDatabase(config, (db) =>
    longDeed(db, { action: 'credential.probe', target: label ?? null }, () => testCredentials(config, db, label)),
  );
  if (json) print(JSON.stringify(results, null, 2));
  else printAbilities(results);
  return results;
}

function printAbilities(results: Awaited<ReturnType<Awaited<ReturnType<typeof loadCredentials>>['testCredentials']>>) {
  if (results.length === 0) return print('No credential yet. Add one: mistnet credential add LABEL --from FILE');
  for (const result of results) {
    print(`${result.label} (${result.kind})${result.refused === null ? '' : `: refused: ${result.refused}`}`);
    print(
      formatTable(
        ['ability', 'can', 'what the platform said'],
        result.abilities.map(({ ability, ok, sentence }) => [ability, ok ? 'yes' : 'no', sentence]),
      ),
    );
  }
}

/** JSON, or `NAME=VALUE` lines. Throws `usage.invalid` and `folder.unreadable`, naming the file and never what is in it. */
async function readFields(from: string, canonical: (name: string) => string): Promise<Map<string, Secret>> {
  let text: string;
  try {
    text = from === '-' ? await readAll(process.stdin) : await readFile(from, 'utf8');
  } catch (error) {
    throw new MistnetError('folder.unreadable', `${from} cannot be read: ${causeText(error)}.`, { cause: error });
  }
  const fields = new Map<string, Secret>();
  for (const [name, value] of entriesOf(text, from))
    if (typeof value === 'string' && value !== '') fields.set(canonical(name), new Secret(value));
  return fields;
}

function entriesOf(text: string, from: string): [string, unknown][] {
  if (text.trimStart().startsWith('{')) {
    try {
      return Object.entries(JSON.parse(text) as object);
    } catch {
      throw new MistnetError('usage.invalid', `${from} begins like JSON and is none.`);
    }
  }
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const at = line.search(/[=:]/);
      if (at === -1) throw new MistnetError('usage.invalid', `${from} has a line that is neither NAME=VALUE nor JSON.`);
      return [
        line.slice(0, at),
        line
          .slice(at + 1)
          .trim()
          .replace(/^(["'])(.*)\1$/, '$2'),
      ];
    });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
