import type { App } from '../credentials/app.ts';
import { SCOPES } from '../credentials/scopes.ts';
import type { FaceParts } from '../face-parts.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import { findAccount } from './find-account.ts';
import type { Grants } from './grants.ts';
import { consentPage, refusalPage } from './page.ts';

const MAX_STATE = 500;
/** RFC 7636 §4.2: a code challenge. */
const CHALLENGE = /^[A-Za-z0-9._~-]{1,128}$/;

/**
 * The user's part of OAuth 2: a page that asks, and a code for the app. The page's form can be posted without the page:
 * the parameters of the GET, `account` and `decision=allow|deny`.
 */
export function authorizeCodeRoutes(parts: FaceParts, grants: Grants): Route[] {
  return ['/i/oauth2/authorize', '/2/oauth2/authorize'].flatMap((path) => {
    const open = { path, callers: ['nobody'], dialect: V2 } as const;
    return [
      { ...open, method: 'GET', handle: (exchange) => ask(exchange, parts) },
      { ...open, method: 'POST', handle: (exchange) => decide(exchange, parts, grants) },
    ] satisfies Route[];
  });
}

function ask({ url }: Exchange, parts: FaceParts): Answer {
  const wish = readWish(url.searchParams, parts);
  if (typeof wish === 'string') return refusalPage(400, wish);
  const { world, examples } = parts;
  return consentPage(parts, {
    appName: wish.app.name,
    wants: wish.scopes,
    action: url.pathname,
    hidden: [...url.searchParams].filter(([name]) => name !== 'account' && name !== 'decision'),
    account: url.searchParams.get('account') ?? world.handleAt(examples.get('user_self') ?? 0, world.now()),
    sendsTo: wish.redirectUri,
  });
}

async function decide(exchange: Exchange, parts: FaceParts, grants: Grants): Promise<Answer> {
  const form = await exchange.form();
  // Without a page the parameters may stay in the address.
  const given = new URLSearchParams([...exchange.url.searchParams, ...form]);
  const wish = readWish(given, parts);
  if (typeof wish === 'string') return refusalPage(400, wish);
  const back = new URL(wish.redirectUri);
  back.searchParams.set('state', wish.state);
  if (given.get('decision') !== 'allow') {
    back.searchParams.set('error', 'access_denied');
    return { status: 302, headers: { location: back.href } };
  }
  const name = given.get('account') ?? 'user_self';
  const account = findAccount(name, parts);
  if (account === undefined) return refusalPage(400, `Nobody called ${name} can sign in.`);
  const code = parts.credentials.makeKey(86);
  grants.addCode(code, { ...wish, account });
  back.searchParams.set('code', code);
  return { status: 302, headers: { location: back.href } };
}

interface Wish {
  readonly app: App;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string;
  readonly challenge: string;
  readonly method: 'S256' | 'plain';
}

/** What the app asks the user for; a sentence when it asks wrongly. Nobody is sent to an address that isn't checked. */
function readWish(given: URLSearchParams, { credentials }: FaceParts): Wish | string {
  const value = (name: string): string => given.get(name) ?? '';
  const app = credentials.appByClientId(value('client_id'));
  if (app === undefined) return 'Value passed for the client id was invalid.';
  const redirectUri = value('redirect_uri');
  if (!isAllowed(app, redirectUri)) return 'Value passed for the redirect uri was invalid.';
  if (value('response_type') !== 'code') return 'Value passed for the response type was invalid.';
  const state = value('state');
  if (state === '' || state.length > MAX_STATE)
    return `Value passed for the state was invalid: 1 to ${MAX_STATE} characters.`;
  const scopes = value('scope')
    .split(' ')
    .filter((scope) => scope !== '');
  const unknown = scopes.find((scope) => !SCOPES.includes(scope));
  if (scopes.length === 0 || unknown !== undefined)
    return `Value passed for the scope was invalid: ${unknown ?? 'none'}.`;
  const challenge = value('code_challenge');
  if (!CHALLENGE.test(challenge)) return 'Value passed for the code challenge was invalid.';
  const method = (given.get('code_challenge_method') ?? 'plain').toUpperCase();
  if (method !== 'S256' && method !== 'PLAIN') return 'Value passed for the code challenge method was invalid.';
  return { app, redirectUri, scopes, state, challenge, method: method === 'S256' ? 'S256' : 'plain' };
}

/** Exactly one of the app's addresses; where it has none, any absolute one that is no script. */
function isAllowed(app: App, redirectUri: string): boolean {
  const url = URL.parse(redirectUri);
  if (url === null || url.hash !== '' || /^(javascript|data|vbscript):$/.test(url.protocol)) return false;
  return app.redirectUris.length === 0 || app.redirectUris.includes(redirectUri);
}
