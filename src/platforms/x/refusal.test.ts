import { describe, expect, it } from 'vitest';
import { readRefusal } from './refusal.ts';

const read = (status: number, body: unknown, askedBackfill = false, headers: Record<string, string> = {}) =>
  readRefusal({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body), askedBackfill });

const PROBLEMS = 'https://api.twitter.com/2/problems';

describe("X's refusals", () => {
  it.each([
    [
      "a wrong token in v1.1's words",
      401,
      { errors: [{ code: 89, message: 'Invalid or expired token.' }] },
      'token-refused',
    ],
    [
      'a wrong token',
      401,
      { title: 'Unauthorized', type: 'about:blank', status: 401, detail: 'Unauthorized' },
      'token-refused',
    ],
    [
      'an app without access',
      403,
      { title: 'Client Forbidden', reason: 'client-not-enrolled', type: `${PROBLEMS}/client-forbidden` },
      'token-refused',
    ],
    ['no credits left', 402, { title: 'CreditsDepleted', type: `${PROBLEMS}/credits` }, 'out-of-money'],
    [
      'the monthly cap',
      429,
      { title: 'UsageCapExceeded', period: 'Monthly', type: `${PROBLEMS}/usage-capped` },
      'out-of-money',
    ],
    [
      'the same by the new host',
      429,
      { title: 'UsageCapExceeded', type: 'https://api.x.com/2/problems/usage-capped' },
      'out-of-money',
    ],
    [
      'too many connections',
      429,
      {
        title: 'ConnectionException',
        connection_issue: 'TooManyConnections',
        type: `${PROBLEMS}/streaming-connection`,
      },
      'too-many-connections',
    ],
    ['too many requests', 429, { title: 'Too Many Requests', type: 'about:blank' }, 'rate-limited'],
    ['calm down (v1.1)', 420, 'Exceeded connection limit for user', 'rate-limited'],
    ['unavailable', 503, { title: 'Service Unavailable' }, 'server-error'],
    ['an HTML page', 502, '<html><body>Bad gateway</body></html>', 'server-error'],
    ['no body', 500, '', 'server-error'],
    [
      'a wrong parameter',
      400,
      { errors: [{ message: 'x' }], title: 'Invalid Request', detail: 'One or more parameters' },
      'rejected',
    ],
    ['a wrong path', 404, { title: 'Not Found' }, 'rejected'],
  ])('%s', (_what, status, body, kind) => {
    const refusal = read(status, body);
    expect(refusal.kind).toBe(kind);
    expect(refusal.sentence).toContain(String(status));
  });

  it('blame the backfill first when it was asked for', () => {
    expect(read(400, { title: 'Invalid Request' }, true).kind).toBe('backfill-refused');
    expect(read(403, {}, true).kind).toBe('backfill-refused');
    expect(read(401, {}, true).kind).toBe('token-refused');
  });

  it('name the reset only when nothing is left: a 429 with calls left is a limit of connections', () => {
    const headers = { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '1700000000' };
    expect(read(429, {}, false, headers).resetAtMs).toBe(1_700_000_000_000);
    expect(read(429, {}, false, { ...headers, 'x-rate-limit-remaining': '48' }).resetAtMs).toBeUndefined();
  });
});
