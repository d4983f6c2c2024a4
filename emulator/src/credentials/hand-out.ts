import { SCOPES } from './scopes.ts';
import { Credentials } from './credentials.ts';
import type { Account, World } from '../world/model.ts';

/** Keys of every kind and one handle per account state, flat, as `GET /_emulator/credentials` gives them. */
export interface HandOut {
  readonly bearer_token: string;
  readonly consumer_key: string;
  readonly consumer_secret: string;
  readonly access_token: string;
  readonly access_token_secret: string;
  readonly client_id: string;
  readonly client_secret: string;
  /** Of the same user as `access_token`, with all scopes; it doesn't expire. */
  readonly oauth2_access_token: string;
  /** Everything below is handles and ids as strings. */
  readonly [name: string]: string;
}

/** What the first app's keys are. `bearerToken` is what `--token` says; the rest follows from the seed. */
export function firstCredentials(seed: number, bearerToken: string, owner: Account): Credentials {
  const credentials = new Credentials(seed);
  const app = credentials.addApp({
    id: '1001',
    name: 'mistnet emulator app',
    owner: owner.number,
    consumerKey: credentials.makeKey(25),
    consumerSecret: credentials.makeKey(50),
    clientId: credentials.makeKey(34),
    clientSecret: credentials.makeKey(50),
    clientType: 'either',
    redirectUris: [],
  });
  credentials.add({ kind: 'app', app, token: bearerToken });
  credentials.user1Of(app, owner.number, owner.id);
  credentials.add({
    kind: 'user2',
    app,
    token: credentials.makeKey(86),
    account: owner.number,
    scopes: new Set(SCOPES),
    expiresAt: Number.POSITIVE_INFINITY,
  });
  return credentials;
}

export function handOut(credentials: Credentials, world: World, examples: ReadonlyMap<string, number>): HandOut {
  const [app] = credentials.apps;
  if (app === undefined) throw new Error('there is no app');
  const tokens = credentials.tokensOf(app);
  const bearer = tokens.find((token) => token.kind === 'app');
  const user = tokens.find((token) => token.kind === 'user1');
  const user2 = tokens.find((token) => token.kind === 'user2');
  const handles: Record<string, string> = {};
  for (const [name, number] of examples) {
    handles[name] = world.handleAt(number, world.now());
    handles[`${name}_id`] = world.account(number).id;
    if (name === 'user_renamed') handles[`${name}_before`] = world.account(number).handle;
  }
  return {
    bearer_token: bearer?.token ?? '',
    consumer_key: app.consumerKey,
    consumer_secret: app.consumerSecret,
    access_token: user?.token ?? '',
    access_token_secret: user?.kind === 'user1' ? user.secret : '',
    client_id: app.clientId,
    client_secret: app.clientSecret,
    oauth2_access_token: user2?.token ?? '',
    ...handles,
  };
}
