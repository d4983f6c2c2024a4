import type { App } from '../credentials/app.ts';
import { readBasicHeader } from '../credentials/basic-header.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { sameText } from '../credentials/same-text.ts';
import type { FaceParts } from '../face-parts.ts';
import { V1 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';

/** App-only sign-in: keys for a bearer token (`/oauth2/token`), and its end (`/oauth2/invalidate_token`). */
export function appTokenRoutes({ credentials }: FaceParts): Route[] {
  const open = { method: 'POST', callers: ['nobody'], dialect: V1 } as const;
  return [
    { ...open, path: '/oauth2/token', handle: (exchange) => give(exchange, credentials) },
    { ...open, path: '/oauth2/invalidate_token', handle: (exchange) => invalidate(exchange, credentials) },
  ];
}

async function give(exchange: Exchange, credentials: Credentials): Promise<Answer> {
  const app = appOf(exchange, credentials);
  if (app === undefined) return UNVERIFIED;
  const grant = await parameter(exchange, 'grant_type');
  if (grant === null) return MISSING_GRANT;
  if (grant !== 'client_credentials') return UNVERIFIED;
  return { status: 200, body: { token_type: 'bearer', access_token: credentials.bearerOf(app) } };
}

async function invalidate(exchange: Exchange, credentials: Credentials): Promise<Answer> {
  const app = appOf(exchange, credentials);
  if (app === undefined) return UNVERIFIED;
  const given = (await parameter(exchange, 'access_token')) ?? '';
  const token = credentials.find('app', given);
  if (token === undefined || token.app.id !== app.id) return V1.refuse('invalid-token');
  credentials.revoke(token);
  return { status: 200, body: { access_token: given } };
}

/** Some clients put parameters into the query. */
async function parameter({ url, form }: Exchange, name: string): Promise<string | null> {
  return (await form()).get(name) ?? url.searchParams.get(name);
}

function appOf({ request }: Exchange, credentials: Credentials): App | undefined {
  const given = readBasicHeader(request.headers.authorization);
  const app = credentials.appByConsumerKey(given?.name ?? '');
  return app !== undefined && sameText(given?.secret ?? '', app.consumerSecret) ? app : undefined;
}

const UNVERIFIED: Answer = {
  status: 403,
  body: {
    errors: [{ code: 99, label: 'authenticity_token_error', message: 'Unable to verify your credentials' }],
  },
};

const MISSING_GRANT: Answer = {
  status: 403,
  body: {
    errors: [{ code: 170, label: 'forbidden_missing_parameter', message: 'Missing required parameter: grant_type' }],
  },
};
