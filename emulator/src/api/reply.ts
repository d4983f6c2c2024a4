import type { ConnectAllowance } from './connect-window.ts';

/** Headers that every answer of the platform carries. */
export function platformHeaders(transaction: number): Record<string, string> {
  return {
    'api-version': '2.166',
    'cache-control': 'no-cache, no-store, max-age=0',
    'content-disposition': 'attachment; filename=json.json',
    'content-type': 'application/json; charset=utf-8',
    server: 'mistnet-emulator',
    'x-access-level': 'read',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'x-transaction-id': transaction.toString(16).padStart(16, '0'),
    'x-xss-protection': '0',
  };
}

export function rateLimitHeaders(allowance: ConnectAllowance): Record<string, string> {
  return {
    'x-rate-limit-limit': String(allowance.limit),
    'x-rate-limit-remaining': String(allowance.remaining),
    'x-rate-limit-reset': String(allowance.resetAt),
  };
}
