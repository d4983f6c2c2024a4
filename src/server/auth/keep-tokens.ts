/** Tokens that a person's sign-in with X gave: a credential of theirs, sealed like any other. */
import { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import type { Keyring } from '../../store/credentials/keyring.ts';
import { keepOwnCredential } from '../../store/users/own-credential.ts';
import type { Database } from '../../store/db.ts';
import type { ServiceTokens } from './sign-in-engine.ts';

type Keeping = { db: Database; clock: Clock; ring: Keyring; userId: string; tokens: ServiceTokens };

/** Replaces what an earlier sign-in of the same person left. */
export async function keepTokens(
  options: Keeping & { app: { clientId: string; clientSecret?: Secret } },
): Promise<void> {
  const { db, clock, ring, userId, tokens, app } = options;
  const fields = new Map<string, Secret>([
    ['client_id', new Secret(app.clientId)],
    ['access_token', new Secret(tokens.accessToken)],
  ]);
  if (app.clientSecret !== undefined) fields.set('client_secret', app.clientSecret);
  if (typeof tokens.refreshToken === 'string') fields.set('refresh_token', new Secret(tokens.refreshToken));
  if (tokens.accessTokenExpiresAt instanceof Date)
    fields.set('expires_at', new Secret(tokens.accessTokenExpiresAt.toISOString()));
  await keepOwnCredential(db, ring, clock, { userId, kind: 'oauth2', fields });
}

/** Likewise of OAuth 1.0a, whose tokens do not expire. */
export async function keepOAuth1Tokens(
  options: Keeping & { app: { consumerKey: Secret; consumerSecret: Secret } },
): Promise<void> {
  const { db, clock, ring, userId, tokens, app } = options;
  const fields = new Map<string, Secret>([
    ['consumer_key', app.consumerKey],
    ['consumer_secret', app.consumerSecret],
    ['access_token', new Secret(tokens.accessToken)],
    ['access_token_secret', new Secret(tokens.accessTokenSecret ?? '')],
  ]);
  await keepOwnCredential(db, ring, clock, { userId, kind: 'oauth1', fields });
}
