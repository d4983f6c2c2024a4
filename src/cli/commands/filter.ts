import type { Command } from 'commander';
import { Option } from 'commander';
import { randomBytes } from 'node:crypto';
import { readConfig } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { compileFilter } from '../../core/rules/compile.ts';
import { filterDefinition } from '../../core/rules/definition.ts';
import { ruleLimits } from '../../core/rules/limits.ts';
import { validateFilter } from '../../core/rules/validate.ts';
import { addRules, deleteRules, listRules, type RulesAsker, RulesRefused } from '../../platforms/x/filter-rules.ts';
import { filterStream } from '../../platforms/x/filter-stream.ts';
import { matchingRules } from '../../platforms/x/filter-matchable.ts';
import type { CommandContext } from '../context.ts';
import { parseDuration } from '../parse-duration.ts';
import { parsePosts, printStream } from '../print-stream.ts';
import { openReadKit, type ReadKit } from '../read-kit.ts';

type FilterOptions = {
  words?: string[];
  language?: string[];
  exclude?: ('reposts' | 'replies' | 'quotes')[];
  count?: number;
  duration?: number;
  output?: string;
  credential?: string;
  cleanUp?: true;
};

/** Begins the tags of rules of this command: never those of collections, whose begin otherwise. */
const TAG = 'mistnet-once-';
const LONGEST_TAG = 100;
/** For taking the rules back, when the person has long gone. */
const CLEAN_UP_MS = 30_000;

export function addFilterCommand(program: Command, { environment }: CommandContext): void {
  program
    .command('filter')
    .description(
      "print posts of X's filtered stream as they arrive: payloads as received, one a line; no server, no database. Its rules are X's for as long as it runs",
    )
    .argument('[rule...]', "in X's language, each a rule of its own: 'whale OR dolphin lang:en -is:retweet'")
    .option('--words <line...>', 'words; a space is AND, a comma is OR, quotes make a phrase, -word excludes')
    .option('--language <code...>', 'of --words: only in these languages, like de')
    .addOption(
      new Option('--exclude <what...>', 'of --words: leave these out').choices(['reposts', 'replies', 'quotes']),
    )
    .option('--count <n>', 'stop after so many posts', parsePosts)
    .option('--duration <time>', 'stop after a time like 60s, 5m, 1h', parseDuration)
    .option('--output <file>', 'write into a file instead of the standard output')
    .option('--credential <label>', 'ask with a credential that is kept, instead of the keys of the environment')
    .option('--clean-up', 'only delete the rules that such commands left when they were killed')
    .action((rules: string[], options: FilterOptions) => printFilter(rules, options, environment));
}

async function printFilter(
  rules: string[],
  options: FilterOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  const values = options.cleanUp === true ? [] : valuesOf(rules, options);
  const { x } = readConfig(environment);
  const { credential } = options;
  using kit = await openReadKit(environment, {
    ...{ label: 'filter', items: 'posts', progress: false, credential, as: 'app' as const },
  });
  if (options.cleanUp === true) return await cleanUp(kit);
  const added = await addOwn(kit, values);
  try {
    const [asked] = kit.rates.credentials;
    await printStream({
      ...options,
      ...{ adapter: filterStream(x), apiUrl: x.apiUrl, heartbeatMs: x.heartbeatMs, signal: kit.signal },
      authorization: (request) => asked?.authorization(request) ?? '',
      // Every connection of an app gets what all of its rules find.
      keeps: (line) => namesOf(line).some((name) => added.has(name)),
      advice: 'Correct MISTNET_X_BEARER_TOKEN, or the credential that was named.',
    });
  } finally {
    await deleteOwn(kit, [...added]);
  }
}

/** What is asked for, each with a name for its tag. Throws `usage.invalid`. */
function valuesOf(rules: string[], { words = [], language = [], exclude = [] }: FilterOptions) {
  const left = {
    reposts: exclude.includes('reposts'),
    replies: exclude.includes('replies'),
    quotes: exclude.includes('quotes'),
  };
  const definition = filterDefinition({ words, languages: language, exclude: left, raw: rules });
  const { problems } = validateFilter(definition, { api: 'v2', limits: ruleLimits(undefined) });
  if (problems.length > 0)
    throw new MistnetError(
      'usage.invalid',
      problems
        .map(({ field, line, message }) =>
          field === 'raw' && line !== undefined ? `${rules[line]}: ${message}` : message,
        )
        .join(' '),
    );
  const ofWords = compileFilter({ ...definition, raw: [] }, 'v2').map(({ key, sources }) => ({
    ...{ value: key, name: sources[0]?.text ?? key },
  }));
  return [...ofWords, ...rules.map((rule) => ({ value: rule.trim(), name: rule.trim() }))];
}

/**
 * Adds rules of this run's own and answers their ids. Each excludes a word that nobody writes: so it is never the same rule as a collection's, which would
 * be taken for that one's, or taken away from it in the end.
 */
async function addOwn(kit: ReadKit, values: readonly { value: string; name: string }[]): Promise<Set<string>> {
  const run = randomBytes(5).toString('hex');
  const rules = values.map(({ value, name }) => ({
    value: `(${value}) -mistnet${run}`,
    tag: `${TAG}${run} ${name}`.slice(0, LONGEST_TAG),
  }));
  const outcomes = await saying(() => addRules(rulesAsker(kit, kit.signal), rules));
  const ids = outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [] : [outcome.id]));
  const refused = outcomes.flatMap((outcome, at) =>
    outcome.kind === 'refused' && outcome.reason !== '' ? [`${values[at]?.name ?? ''}: ${outcome.reason}`] : [],
  );
  if (ids.length === rules.length) return new Set(ids);
  await deleteOwn(kit, ids);
  throw new MistnetError('platform.refused', `X does not take these rules: ${refused.join('; ')}.`);
}

/** Whatever happened: the rules would go on to cost. */
async function deleteOwn(kit: ReadKit, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  try {
    await deleteRules(rulesAsker(kit, AbortSignal.timeout(CLEAN_UP_MS)), ids);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `mistnet: ${ids.length} ${ids.length === 1 ? 'rule is' : 'rules are'} still at X (${cause}); mistnet filter --clean-up deletes ${ids.length === 1 ? 'it' : 'them'}.\n`,
    );
  }
}

async function cleanUp(kit: ReadKit): Promise<void> {
  const asker = rulesAsker(kit, kit.signal);
  const left = (await saying(() => listRules(asker))).filter(({ tag }) => tag.startsWith(TAG));
  if (left.length > 0)
    await saying(() =>
      deleteRules(
        asker,
        left.map(({ id }) => id),
      ),
    );
  process.stderr.write(`${left.length} ${left.length === 1 ? 'rule was' : 'rules were'} deleted.\n`);
}

function rulesAsker({ asker, apiUrl, rates }: ReadKit, signal: AbortSignal): RulesAsker {
  const { http, permits, timeoutMs, maxBytes } = asker;
  return { http, permits, credential: rates.credentials[0]?.label ?? '', apiUrl, timeoutMs, maxBytes, signal };
}

async function saying<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RulesRefused)) throw error;
    if (error.status === 401) throw new MistnetError('token.refused', `X refused the token (${error.message}).`);
    throw new MistnetError('platform.refused', `X does not take the rules: ${error.message}.`);
  }
}

function namesOf(line: Buffer): string[] {
  try {
    return matchingRules(JSON.parse(line.toString('utf8')));
  } catch {
    return []; // nobody can say whose a line is that cannot be read
  }
}
