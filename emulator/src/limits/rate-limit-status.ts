import type { FaceParts } from '../face-parts.ts';
import { V1 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import { limitKey } from './limit-table.ts';
import { accountsOfCaller } from './rate-gate.ts';
import type { Standing } from './rate-ledger.ts';
import { QUARTER_MS } from './rate.ts';

/** `GET /1.1/application/rate_limit_status.json`: how the caller's windows of v1.1 stand. */
export function rateLimitStatusRoutes(parts: FaceParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/1.1/application/rate_limit_status.json',
      callers: ['app', 'user1'],
      dialect: V1,
      handle: (exchange) => status(exchange, parts),
    },
  ];
}

function status({ url, caller }: Exchange, { access, ledger }: FaceParts): Answer {
  if (caller.kind === 'nobody') return V1.refuse('unauthorized');
  const asked = url.searchParams.get('resources')?.split(',');
  const resources: Record<string, Record<string, V1Standing>> = {};
  for (const [name, row] of Object.entries(access.settings.limits)) {
    const path = name.startsWith('* /1.1/') ? name.slice('* /1.1'.length) : '';
    const [, family = ''] = path.split('/');
    if (path === '' || (asked !== undefined && !asked.includes(family))) continue;
    const resource = limitKey('*', name.slice('* '.length));
    const account = accountsOfCaller(caller, row, resource).find(({ account }) => account.rate.windowMs === QUARTER_MS);
    if (account === undefined) continue;
    (resources[family] ??= {})[path] = standing(ledger.standing(account.account));
  }
  const rate_limit_context =
    caller.kind === 'app' ? { application: caller.app.consumerKey } : { access_token: caller.token };
  return { status: 200, body: { rate_limit_context, resources } };
}

interface V1Standing {
  readonly limit: number;
  readonly remaining: number;
  readonly reset: number;
}

function standing({ limit, remaining, resetAt }: Standing): V1Standing {
  return { limit, remaining, reset: resetAt };
}
