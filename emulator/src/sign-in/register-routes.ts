import { complaint, json, own } from '../control.ts';
import type { App, ClientType } from '../credentials/app.ts';
import { SCOPES } from '../credentials/scopes.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import { findAccount } from './find-account.ts';
import type { Grants } from './grants.ts';
import { tokenAnswer } from './user-token.ts';

const CLIENT_TYPES: readonly ClientType[] = ['confidential', 'public', 'either'];

/** `POST /_emulator/apps`, `/_emulator/tokens` and `/_emulator/locks`: more apps, tokens of any account without signing in, locked accounts. */
export function registerRoutes(parts: FaceParts, grants: Grants): Route[] {
  return [
    own('GET', '/_emulator/apps', () =>
      json(200, { apps: [...parts.credentials.apps].map((app) => view(app, parts)) }),
    ),
    own('POST', '/_emulator/apps', (exchange) => addApp(exchange, parts)),
    own('POST', '/_emulator/tokens', (exchange) => addToken(exchange, parts, grants)),
    own('POST', '/_emulator/locks', (exchange) => lockAccount(exchange, parts)),
  ];
}

async function addApp(exchange: Exchange, parts: FaceParts): Promise<Answer> {
  const { credentials, examples } = parts;
  const order = objectIn(await exchange.body());
  if (order === undefined) return complaint(400, 'The body must be a JSON object.');
  const id = String(1001 + [...credentials.apps].length);
  const { name = `app ${id}`, redirect_uris: uris = [], type = 'either', owner = 'user_self' } = order;
  if (typeof name !== 'string') return complaint(400, 'name must be text.');
  if (!Array.isArray(uris) || !uris.every((uri): uri is string => typeof uri === 'string' && URL.canParse(uri))) {
    return complaint(400, 'redirect_uris must be a list of addresses.');
  }
  const clientType = CLIENT_TYPES.find((known) => known === type);
  if (clientType === undefined) return complaint(400, `type must be one of ${CLIENT_TYPES.join(', ')}.`);
  const number = typeof owner === 'string' ? (examples.get(owner) ?? findAccount(owner, parts)) : undefined;
  if (number === undefined) return complaint(404, 'There is no such owner.');
  const app = credentials.addApp({
    id,
    name,
    owner: number,
    consumerKey: credentials.makeKey(25),
    consumerSecret: credentials.makeKey(50),
    clientId: credentials.makeKey(34),
    clientSecret: credentials.makeKey(50),
    clientType,
    redirectUris: uris,
  });
  return json(201, view(app, parts));
}

function view(app: App, { credentials }: FaceParts): object {
  return {
    id: app.id,
    name: app.name,
    type: app.clientType,
    redirect_uris: app.redirectUris,
    bearer_token: credentials.bearerOf(app),
    consumer_key: app.consumerKey,
    consumer_secret: app.consumerSecret,
    client_id: app.clientId,
    client_secret: app.clientSecret,
  };
}

async function lockAccount(exchange: Exchange, parts: FaceParts): Promise<Answer> {
  const { account = 'user_self', locked = true } = objectIn(await exchange.body()) ?? {
    account: undefined,
    locked: undefined,
  };
  if (typeof locked !== 'boolean')
    return complaint(400, 'The body must be a JSON object; locked must be true or false.');
  const number = typeof account === 'string' ? findAccount(account, parts) : undefined;
  if (number === undefined) return complaint(404, 'There is no such account, or it cannot sign in.');
  parts.locks.set(number, locked);
  return json(200, { account: parts.world.account(number).id, locked });
}

async function addToken(exchange: Exchange, parts: FaceParts, grants: Grants): Promise<Answer> {
  const { credentials, world } = parts;
  const order = objectIn(await exchange.body());
  if (order === undefined) return complaint(400, 'The body must be a JSON object.');
  const [first] = credentials.apps;
  const { app: appId = first?.id, account = 'user_self', kind = 'oauth1', scopes = SCOPES } = order;
  const app = typeof appId === 'string' ? credentials.appById(appId) : undefined;
  if (app === undefined) return complaint(404, 'There is no such app.');
  const number = typeof account === 'string' ? findAccount(account, parts) : undefined;
  if (number === undefined) return complaint(404, 'There is no such account, or it cannot sign in.');
  const { id } = world.account(number);
  if (kind === 'oauth1') {
    const { token, secret } = credentials.user1Of(app, number, id);
    const screen_name = world.handleAt(number, world.now());
    return json(201, { access_token: token, access_token_secret: secret, user_id: id, screen_name });
  }
  if (kind !== 'oauth2') return complaint(400, 'kind must be oauth1 or oauth2.');
  if (!Array.isArray(scopes) || !scopes.every((scope): scope is string => SCOPES.includes(scope as string))) {
    return complaint(400, `scopes must be a list of ${SCOPES.join(', ')}.`);
  }
  return { ...tokenAnswer({ app, account: number, scopes }, parts, grants), status: 201, headers: JSON_TYPE };
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text === '' ? '{}' : text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    // Not JSON: the caller is told so.
    return undefined;
  }
}
