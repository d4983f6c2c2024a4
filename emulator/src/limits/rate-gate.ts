import type { Caller } from '../credentials/caller.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Gate } from '../http/router.ts';
import type { Access } from './access.ts';
import { limitKey, type LimitRow } from './limit-table.ts';
import { DAY_MS, parseRates, QUARTER_MS } from './rate.ts';
import type { Account, RateLedger, Standing } from './rate-ledger.ts';

/** Refuses calls beyond the limits of their endpoint, and tells how the windows stand on every answer of a limited one. */
export function rateGate(access: Access, ledger: RateLedger): Gate {
  return {
    admit(exchange, { method, dialect }) {
      const row = access.limitsOf(method, exchange.pattern);
      if (row === undefined) return {};
      const accounts = accountsOf(exchange, method, row);
      const admitted = ledger.take(accounts.map(({ account }) => account));
      const headers = headersOf(accounts, ledger, exchange.pattern.startsWith('/1.1/'));
      return admitted ? { headers } : { headers, refusal: dialect.refuse('too-many-requests') };
    },
  };
}

/** The windows in which a call of this caller counts, `resource` being the endpoint's `limitKey`. */
export function accountsOfCaller(
  caller: Caller,
  row: LimitRow,
  resource: string,
): readonly { readonly scope: 'app' | 'user'; readonly account: Account }[] {
  if (caller.kind === 'nobody') return [];
  const isApp = caller.kind === 'app';
  const app = parseRates(row.app ?? '') ?? [];
  const user = isApp ? [] : (parseRates(row.user ?? '') ?? []);
  return [
    // Windows of an app hold for calls in its own name; its days for all calls that come from it.
    ...app
      .filter(({ windowMs }) => isApp || windowMs === DAY_MS)
      .map((rate) => ({ scope: 'app' as const, account: { key: `app ${caller.app.id} ${resource}`, rate } })),
    ...user.map((rate) => ({
      scope: 'user' as const,
      account: { key: `user ${caller.app.id} ${isApp ? '' : caller.account} ${resource}`, rate },
    })),
  ];
}

interface Scoped {
  readonly scope: 'app' | 'user' | 'ip';
  readonly account: Account;
}

function accountsOf({ caller, request, pattern }: Exchange, method: string, row: LimitRow): readonly Scoped[] {
  const resource = limitKey(method, pattern);
  const address = request.socket.remoteAddress ?? '';
  const ip = (parseRates(row.ip ?? '') ?? []).map((rate) => ({
    scope: 'ip' as const,
    account: { key: `ip ${address} ${resource}`, rate },
  }));
  return [...accountsOfCaller(caller, row, resource), ...ip];
}

function headersOf(accounts: readonly Scoped[], ledger: RateLedger, isV1: boolean): Record<string, string> {
  const [told] = accounts.toSorted((a, b) => rank(a) - rank(b));
  if (told === undefined) return {};
  const headers = rateHeaders('x-rate-limit', ledger.standing(told.account));
  for (const { scope, account } of accounts) {
    if (account.rate.windowMs !== DAY_MS) continue;
    const prefix = isV1 ? `x-${scope}-rate-limit` : `x-${scope}-limit-24hour`;
    Object.assign(headers, rateHeaders(prefix, ledger.standing(account)));
  }
  return headers;
}

/** `x-rate-limit-*` tells of the 15 minutes where there are such, else of the day, else of the second. */
function rank({ account: { rate } }: Scoped): number {
  if (rate.windowMs === QUARTER_MS) return 0;
  return rate.windowMs === DAY_MS ? 1 : 2;
}

/** `x-rate-limit-limit`, `-remaining` and `-reset`. */
export function rateHeaders(prefix: string, { limit, remaining, resetAt }: Standing): Record<string, string> {
  return {
    [`${prefix}-limit`]: String(limit),
    [`${prefix}-remaining`]: String(remaining),
    [`${prefix}-reset`]: String(resetAt),
  };
}
