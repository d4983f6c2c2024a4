/** The only reader of the environment: every setting with its default, unit and meaning, checked all at once. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { whyNoBasePath } from './core/base-path.ts';
import { causeText, MistnetError } from './core/errors.ts';
import { Secret } from './core/secret.ts';
import type { Ladders } from './platforms/adapter.ts';
import { X_LADDERS } from './platforms/x/sample-stream.ts';

const port = z.coerce.number().int().min(0).max(65535);
const milliseconds = z.coerce.number().int().min(1).max(86_400_000);
const httpUrl = z.url({ protocol: /^https?$/ });
const ladder = z.union([
  z.strictObject({
    firstMs: z.number().nonnegative(),
    stepMs: z.number().nonnegative(),
    maxMs: z.number().nonnegative(),
  }),
  z.strictObject({ firstMs: z.number().nonnegative(), doubling: z.literal(true), maxMs: z.number().nonnegative() }),
]);

const hostAndPorts = z
  .string()
  .regex(
    /^\s*((\[[0-9a-f:]+\]|[a-z0-9.-]+):[0-9]{1,5}\s*(,\s*|$))+$/,
    'write host:port, several parted by commas, names in lower case, IPv6 in brackets',
  );

type Setting = { schema: z.ZodType; fallback?: string; secret?: true; doc: string };

/** Every variable that mistnet reads. */
const settings = {
  MISTNET_HOME: {
    schema: z.string().min(1),
    fallback: './mistnet-data',
    doc: 'Folder that holds everything: segments, datasets, the embedded database, logs',
  },
  MISTNET_DATABASE_URL: {
    schema: z.string().regex(/^postgres(ql)?:\/\//, 'write it like postgres://user:password@host:5432/database'),
    secret: true,
    doc: 'PostgreSQL 15 or later; without it mistnet runs its own',
  },
  MISTNET_HOST: {
    schema: z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'is no address of this machine; 0.0.0.0 means all of them'),
    fallback: '127.0.0.1',
    doc: 'Address the web page is served on; all of them (0.0.0.0) only with MISTNET_PUBLIC_URL. With another than loopback the first administrator needs the set-up code that is printed at the start; see docs/reverse-proxy.md',
  },
  MISTNET_PORT: { schema: port, fallback: '4100', doc: 'Port of the web page; 0 picks a free one' },
  MISTNET_EMULATOR_PORT: {
    schema: port,
    fallback: '4200',
    doc: 'Port of the emulator that `demo` starts; 0 picks a free one',
  },
  MISTNET_PUBLIC_URL: {
    schema: httpUrl.superRefine((text, context) => {
      const { search, hash, username, password, pathname } = new URL(text);
      const hasMore = search !== '' || hash !== '' || username !== '' || password !== '';
      const message = hasMore ? 'has more than a path' : whyNoBasePath(pathname);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
    doc: 'The address of the page as browsers see it, also below a path (https://host, https://host/mistnet); needed behind a reverse proxy and wherever MISTNET_HOST is more than loopback. https makes cookies secure',
  },
  MISTNET_TRUSTED_PROXIES: {
    schema: z
      .string()
      .regex(
        /^[0-9a-fA-F.:/]+(\s*,\s*[0-9a-fA-F.:/]+)*$/,
        'write addresses or networks (10.0.0.0/8), parted by commas',
      ),
    doc: 'Reverse proxies whose X-Forwarded-For is believed: addresses or networks, parted by commas',
  },
  MISTNET_DEMO: {
    schema: z.enum(['true', 'false']),
    fallback: 'false',
    doc: 'Set by `mistnet demo` for its own processes: whoever sits at this machine may look around and enter as administrator',
  },
  MISTNET_X_CLIENT_ID: { schema: z.string().min(1), doc: "Client id of X's app (OAuth 2): people can sign in with X" },
  MISTNET_X_CLIENT_SECRET: {
    schema: z.string().min(1),
    secret: true,
    doc: 'Its secret; without it the app is a public client',
  },
  MISTNET_OIDC_ISSUER: {
    schema: httpUrl,
    doc: 'A service of your institution that people can sign in by (OpenID Connect): its issuer',
  },
  MISTNET_OIDC_CLIENT_ID: { schema: z.string().min(1), doc: 'What that service knows mistnet as' },
  MISTNET_OIDC_CLIENT_SECRET: { schema: z.string().min(1), secret: true, doc: 'The secret that belongs to it' },
  MISTNET_OIDC_NAME: {
    schema: z.string().min(1).max(60),
    fallback: 'your institution',
    doc: 'How the button names that service: Sign in with …',
  },
  MISTNET_INSTITUTION: {
    schema: z.string().min(1).max(120),
    doc: 'Whose mistnet this is: the name stands at the foot of every page, also before signing in',
  },
  MISTNET_INSTITUTION_URL: { schema: httpUrl, doc: 'The page of the institution, to which its name leads' },
  MISTNET_INSTITUTION_ADDRESS: {
    schema: z.string().min(1).max(400),
    doc: 'Its address below the name: lines parted by |',
  },
  MISTNET_INSTITUTION_MAIL: { schema: z.email(), doc: 'Where people with questions write to' },
  MISTNET_INSTITUTION_LOGO: {
    schema: z.string().regex(/\.(svg|png|jpe?g|webp)$/i, 'is no .svg, .png, .jpg or .webp'),
    doc: 'A file with its logo, shown beside the name',
  },
  MISTNET_SIGN_UP: {
    schema: z.enum(['invited', 'anybody']),
    fallback: 'invited',
    doc: 'Who becomes a user by signing in with another service: only those who were invited, or anybody (as viewer)',
  },
  MISTNET_NODE: {
    schema: z.string().regex(/^[a-z0-9_]{1,32}$/, 'use 1 to 32 of a-z, 0-9, _'),
    doc: "This machine's name in segments and reports; made once and kept in the home when not given",
  },
  MISTNET_LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error']),
    fallback: 'info',
    doc: 'How much goes into logs/',
  },
  MISTNET_X_API_URL: {
    schema: httpUrl,
    fallback: 'https://api.x.com',
    doc: "Where X's API is; an emulator's address for tests",
  },
  MISTNET_X_STREAM_URL: {
    schema: httpUrl,
    doc: "Where X's v1.1 streams are; default: the real host, or MISTNET_X_API_URL when that is set",
  },
  MISTNET_X_BEARER_TOKEN: { schema: z.string().min(1), secret: true, doc: "X's app token" },
  MISTNET_X_BEARER_TOKEN_FILE: {
    schema: z.string().min(1),
    doc: 'A file that holds the token; read again before each connection',
  },
  MISTNET_X_CONSUMER_KEY: {
    schema: z.string().min(1),
    secret: true,
    doc: "Key of X's app (OAuth 1.0a): with its secret people can sign in with X, and with all four commands ask one question in a person's name; without these four: CONSUMER_KEY and so on, as twarc has them",
  },
  MISTNET_X_CONSUMER_SECRET: { schema: z.string().min(1), secret: true, doc: "Secret of X's app" },
  MISTNET_X_ACCESS_TOKEN: { schema: z.string().min(1), secret: true, doc: "A person's token for the app" },
  MISTNET_X_ACCESS_TOKEN_SECRET: { schema: z.string().min(1), secret: true, doc: 'The secret of that token' },
  MISTNET_SECRETS_KEY: {
    schema: z.string().min(1),
    secret: true,
    doc: 'The lines of secrets.key (id, blank, 32 bytes in base64; several parted by commas) instead of that file of the home',
  },
  MISTNET_X_HEARTBEAT_MS: {
    schema: milliseconds,
    fallback: '30000',
    doc: 'A stream without a byte for so many milliseconds is dead',
  },
  MISTNET_X_BACKOFF: {
    schema: z.string(),
    doc: 'JSON {network,server,rate} of ladders {firstMs,maxMs,stepMs|doubling}; default: the published ones',
  },
  MISTNET_X_STREAM_GZIP: {
    schema: z.enum(['true', 'false']),
    fallback: 'false',
    doc: 'Ask the platform to pack the stream',
  },
  MISTNET_SEAL_AGE_MS: {
    schema: milliseconds,
    fallback: '60000',
    doc: 'An open segment is sealed after so many milliseconds',
  },
  MISTNET_SEAL_BYTES: {
    schema: z.coerce.number().int().min(4096).max(1_000_000_000),
    fallback: '8388608',
    doc: 'An open segment is sealed at this many bytes',
  },
  MISTNET_COMPACT: {
    schema: z.enum(['true', 'false']),
    fallback: 'true',
    doc: 'Put the segments of each finished hour together in one file once they are loaded',
  },
  MISTNET_LINKS_ALLOW: {
    schema: hostAndPorts,
    doc: 'Hosts, as host:port and parted by commas, that links may lead to although they are not public: for tests, or pages of your own network',
  },
  MISTNET_SMTP_URL: {
    schema: z.string().regex(/^smtps?:\/\//, 'write it like smtp://user:password@host:587'),
    secret: true,
    doc: 'The mail server that takes alerts, invitations and resets; smtps:// for TLS from the start; without it no mail is sent',
  },
  MISTNET_MAIL_FROM: {
    schema: z.string().min(3),
    fallback: 'mistnet <mistnet@localhost>',
    doc: 'Who mails are from',
  },
  MISTNET_WEBHOOKS_ALLOW: {
    schema: hostAndPorts,
    doc: 'Hosts, as host:port and parted by commas, that alerts may be sent to although they are not public',
  },
  MISTNET_REQUIRE_ALL: { schema: z.string(), doc: 'For the tests of mistnet itself: a skipped test is a failure' },
} as const satisfies Record<string, Setting>;

/** How the page is reached and who may come in. */
export type SignInConfig = {
  /** Without `/` at its end. */
  publicUrl?: string;
  trustedProxies: readonly string[];
  isDemo: boolean;
  strangers: 'invited' | 'anybody';
  x?: { clientId: string; clientSecret?: Secret };
  /** X's older way, OAuth 1.0a. */
  xLegacy?: { consumerKey: Secret; consumerSecret: Secret };
  oidc?: { issuer: string; clientId: string; clientSecret?: Secret; name: string };
};

/** Whose mistnet this is. `logo`: a file. */
export type InstitutionConfig = { name: string; url: string; address: readonly string[]; mail?: string; logo?: string };

export type Config = {
  home: string;
  databaseUrl?: Secret;
  host: string;
  port: number;
  emulatorPort: number;
  node?: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  sealAgeMs: number;
  sealBytes: number;
  compact: boolean;
  secretsKey?: Secret;
  signIn: SignInConfig;
  institution?: InstitutionConfig;
  /** `host:port` of each, as a URL's `hostname` has it. */
  linksAllow: readonly string[];
  /** Likewise. */
  webhooksAllow: readonly string[];
  /** Absent: no mail is sent. */
  mail?: { url: Secret; from: string };
  x: {
    apiUrl: string;
    streamUrl: string;
    token?: Secret;
    tokenFile?: string;
    /** An app's token as twarc reads it, for commands that ask one question. */
    twarcToken?: Secret;
    /** A person's keys, where all four were given, by the names of X's console. */
    userKeys?: ReadonlyMap<string, Secret>;
    heartbeatMs: number;
    ladders: Ladders;
    gzip: boolean;
  };
};

/** Where an effective value came from. */
export type Origin = 'environment' | 'default' | 'not set';

type Environment = Record<string, string | undefined>;

/** Reads and checks all settings. Throws one `config.invalid` that names every variable with a fault, unknown ones included. */
export function readConfig(environment: Environment): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const text = environment[name] === '' ? setting.fallback : (environment[name] ?? setting.fallback);
    if (text === undefined) continue;
    const parsed = setting.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else
      faults.push(
        `${name} ${setting.secret ? '' : `is "${text}": `}${parsed.error.issues[0]?.message ?? 'is not valid'}`,
      );
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith('MISTNET_') && !(name in settings))
      faults.push(`${name} is not a setting of mistnet (see: mistnet config)`);
  }
  const ladders = readLadders(values.MISTNET_X_BACKOFF as string | undefined, faults);
  if (isEveryAddress(values.MISTNET_HOST) && values.MISTNET_PUBLIC_URL === undefined)
    faults.push(
      `MISTNET_HOST is "${String(values.MISTNET_HOST)}", all addresses of this machine: say by MISTNET_PUBLIC_URL under which one browsers open the page, other names are refused (docs/reverse-proxy.md)`,
    );
  const isNamed = values.MISTNET_INSTITUTION !== undefined && values.MISTNET_INSTITUTION_URL !== undefined;
  if (!isNamed && Object.keys(values).some((name) => name.startsWith('MISTNET_INSTITUTION')))
    faults.push('MISTNET_INSTITUTION and MISTNET_INSTITUTION_URL go together, and the others of that name need both');
  if (faults.length > 0) throw new MistnetError('config.invalid', `${faults.join('; ')}.`);
  const text = (name: keyof typeof settings) => values[name] as string | undefined;
  const number = (name: keyof typeof settings) => values[name] as number;
  return Object.freeze({
    home: resolve(text('MISTNET_HOME') ?? ''),
    ...secret('databaseUrl', text('MISTNET_DATABASE_URL')),
    host: text('MISTNET_HOST') ?? '',
    port: number('MISTNET_PORT'),
    emulatorPort: number('MISTNET_EMULATOR_PORT'),
    ...(values.MISTNET_NODE === undefined ? {} : { node: text('MISTNET_NODE') as string }),
    logLevel: values.MISTNET_LOG_LEVEL as Config['logLevel'],
    sealAgeMs: number('MISTNET_SEAL_AGE_MS'),
    sealBytes: number('MISTNET_SEAL_BYTES'),
    compact: text('MISTNET_COMPACT') === 'true',
    ...secret('secretsKey', text('MISTNET_SECRETS_KEY')),
    signIn: signInConfig(text),
    ...institutionConfig(text),
    linksAllow: listOf(text('MISTNET_LINKS_ALLOW')),
    webhooksAllow: listOf(text('MISTNET_WEBHOOKS_ALLOW')),
    ...(values.MISTNET_SMTP_URL === undefined
      ? {}
      : { mail: { url: new Secret(text('MISTNET_SMTP_URL') ?? ''), from: text('MISTNET_MAIL_FROM') ?? '' } }),
    x: {
      apiUrl: text('MISTNET_X_API_URL') ?? '',
      streamUrl: text('MISTNET_X_STREAM_URL') ?? streamUrlBeside(environment.MISTNET_X_API_URL),
      ...secret('token', text('MISTNET_X_BEARER_TOKEN')),
      ...(values.MISTNET_X_BEARER_TOKEN_FILE === undefined
        ? {}
        : { tokenFile: text('MISTNET_X_BEARER_TOKEN_FILE') as string }),
      ...secret('twarcToken', environment.BEARER_TOKEN === '' ? undefined : environment.BEARER_TOKEN),
      ...userKeysOf(environment),
      heartbeatMs: number('MISTNET_X_HEARTBEAT_MS'),
      ladders,
      gzip: values.MISTNET_X_STREAM_GZIP === 'true',
    },
  });
}

/** What `mistnet config` shows: each variable, its effective value (secrets hidden) and where it came from. */
export function describeConfig(
  environment: Environment,
): { name: string; value: string; origin: Origin; doc: string }[] {
  return Object.entries<Setting>(settings).map(([name, { fallback, secret: hidden, doc }]) => {
    const given = environment[name] === '' ? undefined : environment[name];
    const value = given === undefined ? (fallback ?? '') : hidden ? String(new Secret(given)) : given;
    return {
      name,
      value,
      origin: given !== undefined ? 'environment' : fallback === undefined ? 'not set' : 'default',
      doc,
    };
  });
}

/**
 * The token for X as it is now: the variable, or the file's first line, read anew each time so that a replaced file counts at
 * once. Answers why there is none instead of throwing: the collection is paused with that sentence.
 */
export async function readXToken(x: Config['x']): Promise<{ token: string } | { missing: string }> {
  if (x.token !== undefined) return { token: x.token.reveal() };
  if (x.tokenFile === undefined)
    return { missing: 'No token for X: set MISTNET_X_BEARER_TOKEN or MISTNET_X_BEARER_TOKEN_FILE and start again.' };
  try {
    const token = (await readFile(x.tokenFile, 'utf8')).trim();
    return token === '' ? { missing: `The token file ${x.tokenFile} is empty.` } : { token };
  } catch (error) {
    return { missing: `The token file ${x.tokenFile} cannot be read: ${causeText(error)}.` };
  }
}

/** The folders of a home. */
export function foldersOf(home: string) {
  return {
    home,
    segments: join(home, 'segments'),
    datasets: join(home, 'datasets'),
    exports: join(home, 'exports'),
    postgres: join(home, 'postgres'),
    quarantine: join(home, 'quarantine'),
    run: join(home, 'run'),
    logs: join(home, 'logs'),
    secretsKey: join(home, 'secrets.key'),
  };
}

function signInConfig(text: (name: keyof typeof settings) => string | undefined): SignInConfig {
  const [publicUrl, clientId] = [text('MISTNET_PUBLIC_URL'), text('MISTNET_X_CLIENT_ID')];
  const [issuer, oidcClientId] = [text('MISTNET_OIDC_ISSUER'), text('MISTNET_OIDC_CLIENT_ID')];
  const [consumerKey, consumerSecret] = [text('MISTNET_X_CONSUMER_KEY'), text('MISTNET_X_CONSUMER_SECRET')];
  return {
    ...(publicUrl === undefined ? {} : { publicUrl: publicUrl.replace(/\/+$/, '') }),
    trustedProxies: (text('MISTNET_TRUSTED_PROXIES') ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
    isDemo: text('MISTNET_DEMO') === 'true',
    strangers: text('MISTNET_SIGN_UP') as SignInConfig['strangers'],
    ...(clientId === undefined ? {} : { x: { clientId, ...secret('clientSecret', text('MISTNET_X_CLIENT_SECRET')) } }),
    ...(consumerKey === undefined || consumerSecret === undefined
      ? {}
      : { xLegacy: { consumerKey: new Secret(consumerKey), consumerSecret: new Secret(consumerSecret) } }),
    ...(issuer === undefined || oidcClientId === undefined
      ? {}
      : {
          oidc: {
            ...{ issuer, clientId: oidcClientId, name: text('MISTNET_OIDC_NAME') ?? '' },
            ...secret('clientSecret', text('MISTNET_OIDC_CLIENT_SECRET')),
          },
        }),
  };
}

function institutionConfig(text: (name: keyof typeof settings) => string | undefined): Pick<Config, 'institution'> {
  const [name, url] = [text('MISTNET_INSTITUTION'), text('MISTNET_INSTITUTION_URL')];
  if (name === undefined || url === undefined) return {};
  const [mail, logo] = [text('MISTNET_INSTITUTION_MAIL'), text('MISTNET_INSTITUTION_LOGO')];
  const address = (text('MISTNET_INSTITUTION_ADDRESS') ?? '')
    .split('|')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return {
    institution: {
      ...{ name, url, address },
      ...(mail === undefined ? {} : { mail }),
      ...(logo === undefined ? {} : { logo: resolve(logo) }),
    },
  };
}

/** 0.0.0.0 and the ways to write ::. */
function isEveryAddress(host: unknown): boolean {
  return typeof host === 'string' && /^[0.:]+$/.test(host);
}

function readLadders(text: string | undefined, faults: string[]): Ladders {
  if (text === undefined) return X_LADDERS;
  try {
    return {
      ...X_LADDERS,
      ...z.strictObject({ network: ladder, server: ladder, rate: ladder }).partial().parse(JSON.parse(text)),
    } as Ladders;
  } catch {
    faults.push('MISTNET_X_BACKOFF is not JSON like {"network":{"firstMs":0,"stepMs":250,"maxMs":16000}}');
    return X_LADDERS;
  }
}

function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** v1.1's streams are on a host of their own, but whoever points at another API has them there, too. */
function streamUrlBeside(apiUrl: string | undefined): string {
  return apiUrl === undefined || apiUrl === '' ? 'https://stream.twitter.com' : apiUrl;
}

/** Those of mistnet, or else those that twarc reads; never a mixture of both. */
function userKeysOf(environment: Environment): { userKeys?: ReadonlyMap<string, Secret> } {
  for (const prefix of ['MISTNET_X_', '']) {
    const keys = USER_KEYS.map((name) => [name, environment[`${prefix}${name.toUpperCase()}`] ?? ''] as const);
    if (keys.every(([, value]) => value !== ''))
      return { userKeys: new Map(keys.map(([name, value]) => [name, new Secret(value)])) };
  }
  return {};
}

const USER_KEYS = ['consumer_key', 'consumer_secret', 'access_token', 'access_token_secret'];

function secret<K extends string>(key: K, value: string | undefined): { [key in K]?: Secret } {
  return value === undefined ? {} : ({ [key]: new Secret(value) } as { [key in K]?: Secret });
}
