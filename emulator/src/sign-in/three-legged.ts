import { oauth1Refusal } from '../credentials/oauth1-scheme.ts';
import { OAuth1Verifier } from '../credentials/oauth1-request.ts';
import { sameText } from '../credentials/same-text.ts';
import type { FaceParts } from '../face-parts.ts';
import { V1 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import { findAccount } from './find-account.ts';
import type { Grants, RequestToken } from './grants.ts';
import { consentPage, escapeHtml, page, refusalPage } from './page.ts';

/**
 * OAuth 1.0a: a request token, the user's consent, an access token. The consent page's form can be posted without the page:
 * `oauth_token`, `account` and `decision=allow|deny`.
 */
export function threeLeggedRoutes(parts: FaceParts, grants: Grants): Route[] {
  const verifier = new OAuth1Verifier(parts.credentials, () => parts.clock.wallNow());
  const open = { callers: ['nobody'], dialect: V1 } as const;
  const both = (path: string, handle: Route['handle']): Route[] => [
    { ...open, method: 'GET', path, handle },
    { ...open, method: 'POST', path, handle },
  ];
  const invalidated = ['/1.1/oauth/invalidate_token', '/1.1/oauth/invalidate_token.json'];
  return [
    ...both('/oauth/request_token', (exchange) => begin(exchange, verifier, parts, grants)),
    ...['/oauth/authorize', '/oauth/authenticate', '/i/oauth/authenticate'].flatMap((path): Route[] => [
      { ...open, method: 'GET', path, handle: (exchange) => ask(exchange, parts, grants) },
      { ...open, method: 'POST', path, handle: (exchange) => decide(exchange, parts, grants) },
    ]),
    ...both('/oauth/access_token', (exchange) => end(exchange, verifier, parts, grants)),
    ...invalidated.map(
      (path): Route => ({
        method: 'POST',
        path,
        callers: ['user1'],
        dialect: V1,
        handle: ({ caller }) => invalidate(caller, parts),
      }),
    ),
  ];
}

async function begin(exchange: Exchange, verifier: OAuth1Verifier, parts: FaceParts, grants: Grants): Promise<Answer> {
  const signed = await verifier.verify(exchange, () => undefined);
  if (typeof signed === 'string') return oauth1Refusal(signed);
  const callback = signed.parameters.get('oauth_callback') ?? 'oob';
  if (callback !== 'oob' && !isAllowed(signed.app.redirectUris, callback)) return CALLBACK_REFUSED;
  const { credentials } = parts;
  const token = credentials.makeKey(27);
  const secret = credentials.makeKey(32);
  grants.addRequestToken({ app: signed.app, token, secret, callback });
  return form([
    ['oauth_token', token],
    ['oauth_token_secret', secret],
    ['oauth_callback_confirmed', 'true'],
  ]);
}

function ask({ url }: Exchange, parts: FaceParts, grants: Grants): Answer {
  const { world, examples, credentials } = parts;
  const request = grants.requestToken(url.searchParams.get('oauth_token') ?? '');
  if (request === undefined) return NO_REQUEST;
  const name = url.searchParams.get('screen_name') ?? world.handleAt(examples.get('user_self') ?? 0, world.now());
  if (url.pathname.endsWith('/authenticate') && url.searchParams.get('force_login') !== 'true') {
    const account = findAccount(name, parts);
    const granted = credentials.tokensOf(request.app).some((t) => t.kind === 'user1' && t.account === account);
    // "Log in with X": who has agreed before isn't asked again.
    if (account !== undefined && granted) return agree(request, account, parts);
  }
  return consentPage(parts, {
    appName: request.app.name,
    wants: [],
    action: url.pathname,
    hidden: [['oauth_token', request.token]],
    account: name,
    sendsTo: request.callback === 'oob' ? undefined : request.callback,
  });
}

async function decide(exchange: Exchange, parts: FaceParts, grants: Grants): Promise<Answer> {
  const given = new URLSearchParams([...exchange.url.searchParams, ...(await exchange.form())]);
  const request = grants.requestToken(given.get('oauth_token') ?? '');
  if (request === undefined) return NO_REQUEST;
  if (given.get('decision') !== 'allow') {
    grants.endRequestToken(request.token);
    if (request.callback === 'oob') return page(200, 'You have denied the app', '<p>It gets no access.</p>');
    return redirect(request.callback, [['denied', request.token]]);
  }
  const name = given.get('account') ?? 'user_self';
  const account = findAccount(name, parts);
  return account === undefined
    ? refusalPage(400, `Nobody called ${name} can sign in.`)
    : agree(request, account, parts);
}

function agree(request: RequestToken, account: number, { credentials }: FaceParts): Answer {
  const isPin = request.callback === 'oob';
  const verifier = isPin ? pinOf(credentials.makeKey(43)) : credentials.makeKey(32);
  request.consent = { account, verifier };
  if (isPin) {
    return page(
      200,
      'Go back to the app',
      `<p>Enter this PIN to complete the authorization:</p><p><code>${escapeHtml(verifier)}</code></p>`,
    );
  }
  return redirect(request.callback, [
    ['oauth_token', request.token],
    ['oauth_verifier', verifier],
  ]);
}

async function end(exchange: Exchange, verifier: OAuth1Verifier, parts: FaceParts, grants: Grants): Promise<Answer> {
  const { credentials, world } = parts;
  const signed = await verifier.verify(exchange, (token, app) => {
    const request = grants.requestToken(token);
    return request?.app.id === app.id ? request.secret : undefined;
  });
  if (signed === 'unknown-token') return text(401, 'Invalid request token.');
  if (typeof signed === 'string') return oauth1Refusal(signed);
  const request = grants.requestToken(signed.token ?? '');
  if (request === undefined) return text(401, 'Request token missing');
  const given = signed.parameters.get('oauth_verifier') ?? '';
  if (request.consent === undefined || !sameText(given, request.consent.verifier)) {
    return text(401, 'Error processing your OAuth request: Invalid oauth_verifier parameter');
  }
  grants.endRequestToken(request.token);
  const { account } = request.consent;
  const { id } = world.account(account);
  const { token, secret } = credentials.user1Of(request.app, account, id);
  return form([
    ['oauth_token', token],
    ['oauth_token_secret', secret],
    ['user_id', id],
    ['screen_name', world.handleAt(account, world.now())],
  ]);
}

function invalidate(caller: Exchange['caller'], { credentials }: FaceParts): Answer {
  const token = caller.kind === 'user1' ? credentials.find('user1', caller.token) : undefined;
  if (token === undefined) return V1.refuse('invalid-token');
  credentials.revoke(token);
  return { status: 200, body: { access_token: token.token } };
}

/** Callbacks are compared by scheme, host and path; further parameters are the app's own. */
function isAllowed(allowed: readonly string[], callback: string): boolean {
  const url = URL.parse(callback);
  if (url === null || /^(javascript|data|vbscript):$/.test(url.protocol)) return false;
  return allowed.length === 0 || allowed.some((uri) => uri === callback || uri === callback.split('?')[0]);
}

function redirect(callback: string, parameters: readonly (readonly [string, string])[]): Answer {
  const url = new URL(callback);
  for (const [name, value] of parameters) url.searchParams.set(name, value);
  return { status: 302, headers: { location: url.href } };
}

/** Seven digits. */
function pinOf(key: string): string {
  const number = Buffer.from(key, 'base64url').readUInt32BE(0) % 10_000_000;
  return String(number).padStart(7, '0');
}

function form(fields: readonly (readonly [string, string])[]): Answer {
  return text(200, new URLSearchParams(Object.fromEntries(fields)).toString());
}

/** Plain words under the type that the platform gives them. */
function text(status: number, body: string): Answer {
  return { status, body, headers: { 'content-type': 'text/html;charset=utf-8' } };
}

const NO_REQUEST = refusalPage(
  401,
  'The request token for this page is invalid. It may have already been used, or expired because it is too old. Go back to the app and try again.',
);

const CALLBACK_REFUSED: Answer = {
  status: 403,
  body: `<?xml version='1.0' encoding='UTF-8'?><errors><error code="415">Callback URL not approved for this client application. Approved callback URLs can be adjusted in your application settings</error></errors>`,
  headers: { 'content-type': 'text/html;charset=utf-8' },
};
