import { createHash } from 'node:crypto';
import { bodyFields } from './body-fields.ts';
import type { App } from '../credentials/app.ts';
import { readBasicHeader } from '../credentials/basic-header.ts';
import { sameText } from '../credentials/same-text.ts';
import type { FaceParts } from '../face-parts.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import type { Grants, RefreshGrant } from './grants.ts';

/** How long a user's token lives: two hours of the virtual clock. */
const TOKEN_LIFE_SEC = 7200;

/** The app's part of OAuth 2: a code or a refresh token for a user's token, and its end. */
export function userTokenRoutes(parts: FaceParts, grants: Grants): Route[] {
  const open = { method: 'POST', callers: ['nobody'], dialect: V2 } as const;
  return [
    { ...open, path: '/2/oauth2/token', handle: (exchange) => give(exchange, parts, grants) },
    { ...open, path: '/2/oauth2/revoke', handle: (exchange) => revoke(exchange, parts, grants) },
  ];
}

async function give(exchange: Exchange, parts: FaceParts, grants: Grants): Promise<Answer> {
  const form = await bodyFields(exchange);
  const grantType = form.get('grant_type') ?? '';
  if (grantType === '') return missing('grant_type');
  if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
    return invalid('grant type', ' Grant type should be one of [authorization_code, refresh_token].');
  }
  const app = clientOf(exchange, form, parts);
  if ('status' in app) return app;
  return grantType === 'refresh_token' ? refresh(app, form, parts, grants) : exchangeCode(app, form, parts, grants);
}

function exchangeCode(app: App, form: URLSearchParams, parts: FaceParts, grants: Grants): Answer {
  const [code = '', redirectUri, verifier = ''] = ['code', 'redirect_uri', 'code_verifier'].map(
    (name) => form.get(name) ?? '',
  );
  if (code === '') return missing('code');
  if (redirectUri === '') return missing('redirect_uri');
  if (verifier === '') return missing('code_verifier');
  const grant = grants.code(code);
  if (parts.choices['failed-code'] === 'spent') grants.useCode(code);
  if (grant === undefined || grant.app.id !== app.id) return invalid('authorization code');
  if (grant.redirectUri !== redirectUri) {
    return refuse(
      'invalid_request',
      'Value passed for the redirect uri did not match the uri of the authorization code.',
    );
  }
  const challenge = grant.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  if (!sameText(challenge, grant.challenge.replace(/=+$/, ''))) {
    return refuse('invalid_request', 'Value passed for the code verifier did not match the code challenge.');
  }
  grants.useCode(code);
  return tokenAnswer(grant, parts, grants);
}

function refresh(app: App, form: URLSearchParams, parts: FaceParts, grants: Grants): Answer {
  const given = form.get('refresh_token') ?? '';
  if (given === '') return missing('refresh_token');
  const grant = grants.refreshTokens.get(given);
  if (grant === undefined || grant.app.id !== app.id) return invalid('token');
  // It rotates: each is good for one use.
  grants.refreshTokens.delete(given);
  return tokenAnswer(grant, parts, grants);
}

/** Makes the tokens that a user has agreed to, and the answer that hands them out. */
export function tokenAnswer({ app, account, scopes }: RefreshGrant, parts: FaceParts, grants: Grants): Answer {
  const { credentials, clock } = parts;
  const token = credentials.makeKey(86);
  const expiresAt = clock.now() + TOKEN_LIFE_SEC * 1000;
  credentials.add({ kind: 'user2', app, token, account, scopes: new Set(scopes), expiresAt });
  let refresh_token: string | undefined;
  if (scopes.includes('offline.access')) {
    refresh_token = credentials.makeKey(86);
    grants.refreshTokens.set(refresh_token, { app, account, scopes });
  }
  return {
    status: 200,
    body: {
      token_type: 'bearer',
      // Clients wait in real time.
      expires_in: Math.max(1, Math.floor(TOKEN_LIFE_SEC / clock.speed)),
      access_token: token,
      scope: scopes.join(' '),
      ...(refresh_token !== undefined && { refresh_token }),
    },
  };
}

async function revoke(exchange: Exchange, parts: FaceParts, grants: Grants): Promise<Answer> {
  const form = await bodyFields(exchange);
  const app = clientOf(exchange, form, parts);
  if ('status' in app) return app;
  const given = form.get('token') ?? '';
  if (given === '') return missing('token');
  const token = parts.credentials.find('user2', given);
  if (token?.app.id === app.id) parts.credentials.revoke(token);
  if (grants.refreshTokens.get(given)?.app.id === app.id) grants.refreshTokens.delete(given);
  return { status: 200, body: { revoked: true } };
}

/** The app that calls: a confidential one shows its secret in a Basic header, a public one only its name. */
function clientOf({ request }: Exchange, form: URLSearchParams, { credentials }: FaceParts): App | Answer {
  const { authorization } = request.headers;
  const basic = readBasicHeader(authorization);
  const id = form.get('client_id') ?? basic?.name ?? '';
  if (id === '') return missing('client_id');
  const app = credentials.appByClientId(id);
  if (app === undefined) return refuse('invalid_client', 'Value passed for the client id was invalid.');
  const proven = basic !== undefined && basic.name === id && sameText(basic.secret, app.clientSecret);
  const mustProve = app.clientType === 'confidential' || (app.clientType === 'either' && authorization !== undefined);
  if (mustProve && !proven) return refuse('unauthorized_client', 'Missing valid authorization header', 401);
  return app;
}

function missing(parameter: string): Answer {
  return refuse('invalid_request', `Missing required parameter [${parameter}].`);
}

function invalid(what: string, more = ''): Answer {
  return refuse('invalid_request', `Value passed for the ${what} was invalid.${more}`);
}

function refuse(error: string, error_description: string, status = 400): Answer {
  return { status, body: { error, error_description } };
}
