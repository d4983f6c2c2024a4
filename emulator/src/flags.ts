import { parseArgs } from 'node:util';
import {
  DEFAULT_FILTER_CAP,
  DEFAULT_KEEPALIVE_MS,
  DEFAULT_RATE,
  DEFAULT_SEED,
  DEFAULT_TOKEN,
  type EmulatorOptions,
} from './start-emulator.ts';
import { VOCABULARIES, type Vocabulary } from './api/vocabulary.ts';
import { ACCESS_LEVELS, type AccessLevel } from './limits/access-level.ts';
import { ChoiceError, type Choices, readChoices } from './uncertain/choices.ts';
import { FEWEST_ACCOUNTS, MOST_ACCOUNTS } from './world/accounts.ts';
import { MAX_DENSITY } from './world/schedule.ts';

export const DEFAULT_PORT = 4200;

export const HELP = `Usage: mistnet-emulator [flags]

Serves the X API v2 sample stream of an invented world, or of recordings, on 127.0.0.1.

  --port N           port to listen on; 0 takes any free one (${DEFAULT_PORT})
  --seed N           which world, a whole number from 0 (${DEFAULT_SEED})
  --rate N|max       posts per second, or as fast as each client reads (${DEFAULT_RATE})
  --token T          the bearer token that is accepted (${DEFAULT_TOKEN})
  --start INSTANT    where world time begins, such as 2026-11-22T13:00:00Z (now);
                     when given, the same seed and rate give the same bytes
  --connect-limit N  allow N connects per 15 minutes, answer 429 beyond (off)
  --keepalive-ms N   longest silence on a stream, in milliseconds (${DEFAULT_KEEPALIVE_MS})
  --slot-release-ms N  how long a stream whose client has gone counts as open (0)
  --rule-delay-ms N    how long after a change of rules it holds (0)
  --filter-cap N     posts per second that a v1.1 filter carries of those that match (${DEFAULT_FILTER_CAP})
  --accounts N       how many accounts the world has, 1,000 to 5,000,000 (4,194,304)
  --link-host H:P    the pages that posts link to are served here, under this host and port;
                     unless given they are at https://news.example, which does not exist
  --clock X          run world time, the stream and all limits X times as fast (1)
  --scenario FILE    what shall happen when: renames, protections, deletions, outages
  --import FILE...   have these posts, accounts and followers in the world, too (.jsonl, .twt, .fws)
  --replay FILE...   send these recordings (.jsonl, .json) instead of the world
  --access LEVEL     what was bought: ${ACCESS_LEVELS.join(', ')} (open)
  --limits FILE      changes to that, as JSON
  --vocabulary WORDS the words of v2's answers: 2.166 says tweet, 2.167 says post (2.166)
  --uncertain NAME=VALUE  where nobody knows what the platform does: do this; may be repeated
                     (names and values: emulator/docs/uncertain.md, or any wrong one)
  --search-reposts   words are found in reposts, too, as before 2026-05-04
  --exact-counts     count long ranges post by post, however long that takes
  --help             this text

The endpoints and faults are described in emulator/docs/README.md.
`;

/** A wrong use of the command line; the message is a sentence. */
export class UsageError extends Error {}

/** Reads the command line; undefined when help was asked for. Throws UsageError. */
export function readFlags(args: readonly string[]): EmulatorOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  if (positionals.length > 0 && values.replay === undefined && values.import === undefined) {
    throw new UsageError(`"${positionals[0]}" is no flag; files are given with --replay or --import.`);
  }
  if (positionals.length > 0 && values.replay !== undefined && values.import !== undefined) {
    throw new UsageError(`"${positionals[0]}" could belong to --replay or --import; give the flag before each file.`);
  }
  // A flag followed by several files takes the first; the rest come as positionals.
  const replay = [...(values.replay ?? []), ...(values.replay === undefined ? [] : positionals)];
  const imports = [...(values.import ?? []), ...(values.import === undefined ? [] : positionals)];
  if (values.token === '') throw new UsageError('--token must not be empty.');
  const start = values.start === undefined ? undefined : readInstant(values.start);
  const accounts = readInteger('--accounts', values.accounts, FEWEST_ACCOUNTS, MOST_ACCOUNTS);
  const clock = readSpeed(values.clock);
  const linkHost = readLinkHost(values['link-host']);
  const access = readAccess(values.access);
  const vocabulary = readVocabulary(values.vocabulary);
  const uncertain = readUncertain(values.uncertain ?? []);
  const filterCap = readInteger('--filter-cap', values['filter-cap'], 1, 1_000_000);
  const connectLimit = readInteger('--connect-limit', values['connect-limit'], 1, 1_000_000);
  const slotReleaseMs = readInteger('--slot-release-ms', values['slot-release-ms'], 0, 86_400_000);
  const ruleDelayMs = readInteger('--rule-delay-ms', values['rule-delay-ms'], 0, 86_400_000);
  return {
    port: readInteger('--port', values.port, 0, 65_535) ?? DEFAULT_PORT,
    seed: readInteger('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER) ?? DEFAULT_SEED,
    rate: readRate(values.rate),
    token: values.token ?? DEFAULT_TOKEN,
    keepaliveMs: readInteger('--keepalive-ms', values['keepalive-ms'], 1, 86_400_000) ?? DEFAULT_KEEPALIVE_MS,
    ...(start !== undefined && { start }),
    ...(connectLimit !== undefined && { connectLimit }),
    ...(filterCap !== undefined && { filterCap }),
    ...(slotReleaseMs !== undefined && { slotReleaseMs }),
    ...(ruleDelayMs !== undefined && { ruleDelayMs }),
    ...(accounts !== undefined && { accounts }),
    ...(linkHost !== undefined && { linkHost }),
    ...(clock !== undefined && { clock }),
    ...(access !== undefined && { access }),
    ...(vocabulary !== undefined && { vocabulary }),
    ...(uncertain !== undefined && { uncertain }),
    ...(values['search-reposts'] === true && { searchReposts: true }),
    ...(values['exact-counts'] === true && { exactCounts: true }),
    ...(values.limits !== undefined && { limits: values.limits }),
    ...(imports.length > 0 && { imports }),
    ...(values.scenario !== undefined && { scenario: values.scenario }),
    ...(replay.length > 0 && { replay }),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: text,
        seed: text,
        rate: text,
        token: text,
        start: text,
        'connect-limit': text,
        'keepalive-ms': text,
        'filter-cap': text,
        'slot-release-ms': text,
        'rule-delay-ms': text,
        accounts: text,
        clock: text,
        'link-host': text,
        access: text,
        vocabulary: text,
        limits: text,
        scenario: text,
        import: { type: 'string', multiple: true },
        replay: { type: 'string', multiple: true },
        uncertain: { type: 'string', multiple: true },
        'search-reposts': { type: 'boolean' },
        'exact-counts': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const [sentence = 'The flags cannot be read.'] = (error instanceof Error ? error.message : String(error)).split(
      '. ',
    );
    throw new UsageError(`${sentence.replace(/\.$/, '')}.`, { cause: error });
  }
}

function readInteger(flag: string, value: string | undefined, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`${flag} must be a whole number from ${least} to ${most}; it is "${value}".`);
}

function readRate(value: string | undefined): number | 'max' {
  if (value === undefined) return DEFAULT_RATE;
  if (value === 'max') return value;
  const rate = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (rate >= 0.001 && rate <= MAX_DENSITY) return rate;
  throw new UsageError(`--rate must be "max" or posts per second from 0.001 to ${MAX_DENSITY}; it is "${value}".`);
}

function readVocabulary(value: string | undefined): Vocabulary | undefined {
  if (value === undefined) return undefined;
  const vocabulary = VOCABULARIES.find((name) => name === value);
  if (vocabulary !== undefined) return vocabulary;
  throw new UsageError(`--vocabulary must be ${VOCABULARIES.join(' or ')}; it is "${value}".`);
}

function readUncertain(orders: readonly string[]): Partial<Choices> | undefined {
  if (orders.length === 0) return undefined;
  try {
    return readChoices(orders);
  } catch (error) {
    if (!(error instanceof ChoiceError)) throw error;
    throw new UsageError(`--uncertain: ${error.message}`, { cause: error });
  }
}

function readSpeed(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const speed = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (speed >= 0.01 && speed <= 100_000) return speed;
  throw new UsageError(`--clock must be a number from 0.01 to 100000; it is "${value}".`);
}

function readLinkHost(value: string | undefined): string | undefined {
  if (value === undefined || /^[a-z0-9.-]+(:\d{1,5})?$/i.test(value)) return value;
  throw new UsageError(`--link-host must be a host and a port, such as 127.0.0.1:4200; it is "${value}".`);
}

function readAccess(value: string | undefined): AccessLevel | undefined {
  if (value === undefined) return undefined;
  const level = ACCESS_LEVELS.find((known) => known === value);
  if (level !== undefined) return level;
  throw new UsageError(`--access must be one of ${ACCESS_LEVELS.join(', ')}; it is "${value}".`);
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2}(?:\.\d{1,3})?))?)?)?Z$/;
/** Ids hold the time in 41 bits since 2010-11-04; accounts need some years to have been made in. */
const FIRST_START = Date.UTC(2012, 0, 1);
const LAST_START = Date.UTC(2079, 0, 1);

function readInstant(value: string): Date {
  const [, day, hour = '00', minute = '00', second = '00'] = INSTANT.exec(value) ?? [];
  const instant = new Date(`${day}T${hour}:${minute}:${second}Z`);
  const at = instant.getTime();
  if (at >= FIRST_START && at <= LAST_START && instant.toISOString().startsWith(String(day))) return instant;
  throw new UsageError(
    `--start must be an instant of 2012 to 2078 in UTC, such as 2026-11-22T13:00:00Z; it is "${value}".`,
  );
}
