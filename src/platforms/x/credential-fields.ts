/** Keys of X as its console names them, to what can sign requests. */
import { randomBytes } from 'node:crypto';
import { MistnetError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import type { PooledCredential } from '../permit-source.ts';
import { oauth1Header } from './oauth1.ts';

export type XCredentialKind = 'app' | 'oauth1' | 'oauth2';
export type Fields = ReadonlyMap<string, Secret>;

/** What each kind is made of; the first list that is complete is taken. */
const NEEDED: Record<XCredentialKind, readonly string[][]> = {
  app: [['bearer_token'], ['consumer_key', 'consumer_secret']],
  oauth1: [['consumer_key', 'consumer_secret', 'access_token', 'access_token_secret']],
  oauth2: [['oauth2_access_token'], ['client_id', 'access_token']],
};

/** What a kind may have besides: with these its token can be renewed. */
const OPTIONAL: Record<XCredentialKind, readonly string[]> = {
  app: [],
  oauth1: [],
  oauth2: ['client_id', 'client_secret', 'refresh_token', 'expires_at'],
};

/** Other names under which consoles, twarc and tweepy write the same fields. */
const ALIASES: Record<string, string> = {
  api_key: 'consumer_key',
  api_secret: 'consumer_secret',
  api_key_secret: 'consumer_secret',
  api_secret_key: 'consumer_secret',
  token: 'bearer_token',
  access_secret: 'access_token_secret',
  oauth2_refresh_token: 'refresh_token',
  oauth2_client_id: 'client_id',
  oauth2_client_secret: 'client_secret',
};

/** The field names as mistnet keeps them. */
export function canonicalField(name: string): string {
  const plain = name.trim().toLowerCase().replaceAll('-', '_');
  return ALIASES[plain] ?? plain;
}

/**
 * Which kind the fields make, and those of them that it needs. `wanted` decides when they make several. Throws `usage.invalid`, naming
 * fields, never values.
 */
export function kindOfFields(fields: Fields, wanted?: XCredentialKind): { kind: XCredentialKind; fields: Fields } {
  const kinds = (Object.keys(NEEDED) as XCredentialKind[]).filter((kind) => neededOf(kind, fields) !== undefined);
  const possible = kinds.filter(
    (kind) => kind !== 'oauth2' || !kinds.includes('oauth1') || fields.has('oauth2_access_token'),
  );
  const kind = wanted ?? (possible.length === 1 ? possible[0] : undefined);
  if (kind === undefined && possible.length > 1)
    throw new MistnetError(
      'usage.invalid',
      `These fields make several credentials (${possible.join(', ')}). Say which one by --kind; add the others under labels of their own.`,
    );
  const needed = kind === undefined ? undefined : neededOf(kind, fields);
  if (kind === undefined || needed === undefined)
    throw new MistnetError(
      'usage.invalid',
      `The fields ${[...fields.keys()].join(', ') || '(none)'} make no ${wanted ?? 'credential'}. Needed: bearer_token, or consumer_key and consumer_secret (app); consumer_key, consumer_secret, access_token and access_token_secret (oauth1); client_id and access_token (oauth2; with refresh_token, and client_secret where the app has one, it is renewed).`,
    );
  const names = new Set([...needed, ...OPTIONAL[kind].filter((name) => fields.has(name))]);
  return { kind, fields: new Map([...names].map((name) => [name, fields.get(name) as Secret])) };
}

function neededOf(kind: XCredentialKind, fields: Fields): string[] | undefined {
  return NEEDED[kind].find((names) => names.every((name) => fields.has(name)));
}

/** Throws `credential.unusable` when an app's key was never exchanged for its token. */
export function usableXCredential(
  label: string,
  kind: XCredentialKind,
  fields: Fields,
  clock: Clock,
): PooledCredential {
  if (kind === 'oauth1') {
    const keys = {
      consumerKey: reveal(fields, 'consumer_key'),
      consumerSecret: reveal(fields, 'consumer_secret'),
      token: reveal(fields, 'access_token'),
      tokenSecret: reveal(fields, 'access_token_secret'),
    };
    return {
      label,
      kind: 'user',
      authorization: (request) =>
        oauth1Header(keys, request, {
          timestampS: Math.floor(clock.now() / 1000),
          nonce: randomBytes(16).toString('hex'),
        }),
    };
  }
  const token = fields.get('bearer_token') ?? fields.get('oauth2_access_token') ?? fields.get('access_token');
  if (token === undefined)
    throw new MistnetError(
      'credential.unusable',
      `The credential "${label}" has no token. Run: mistnet credential test ${label}`,
    );
  return { label, kind: kind === 'app' ? 'app' : 'user', authorization: () => `Bearer ${token.reveal()}` };
}

function reveal(fields: Fields, name: string): string {
  return fields.get(name)?.reveal() ?? '';
}
