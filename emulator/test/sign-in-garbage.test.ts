import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../src/start-emulator.ts';

let emulator: Emulator & AsyncDisposable;
beforeAll(async () => {
  emulator = await startEmulator({ accounts: 1000, rate: 1 });
});
afterAll(() => emulator[Symbol.asyncDispose]());

const PATHS = [
  '/oauth2/token',
  '/oauth2/invalidate_token',
  '/2/oauth2/token',
  '/2/oauth2/revoke',
  '/i/oauth2/authorize',
  '/oauth/request_token',
  '/oauth/authorize',
  '/oauth/authenticate',
  '/oauth/access_token',
  '/1.1/oauth/invalidate_token.json',
  '/2/usage/tweets',
  '/_emulator/apps',
  '/_emulator/tokens',
  '/_emulator/limits',
];
const NAMES = [
  'oauth_token',
  'oauth_consumer_key',
  'client_id',
  'redirect_uri',
  'account',
  'decision',
  'grant_type',
  'code',
  'state',
  'name',
  'limits',
  'redirect_uris',
  'scopes',
  'kind',
  'days',
];
const VALUES = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('allow', 'oob', '%', '%00', '../..', 'javascript:x', 'refresh_token', 'authorization_code', 'oauth2'),
);
const fields = fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 5 })), VALUES, { maxKeys: 8 });
/** What a header may hold at all. */
const headerText = fc.stringMatching(/^[ -~]{0,60}$/);
const requests = fc.record({
  path: fc.constantFrom(...PATHS),
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  query: fields,
  body: fc.oneof(fields, fc.json(), fc.string({ unit: 'binary' }), fc.constant('x'.repeat(70_000))),
  type: fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/plain', 'multipart/form-data'),
  authorization: fc.oneof(
    headerText,
    headerText.map((text) => `OAuth ${text}`),
    headerText.map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
    fc
      .dictionary(fc.constantFrom('oauth_token', 'oauth_consumer_key', 'oauth_signature', 'oauth_nonce'), headerText)
      .map(
        (parameters) =>
          `OAuth ${Object.entries(parameters)
            .map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
            .join(',')}`,
      ),
  ),
});

it('whatever is sent to sign in is answered, and never with 500', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async ({ path, method, query, body, type, authorization }) => {
      const text = typeof body === 'string' ? body : new URLSearchParams(body).toString();
      const answer = await fetch(`${emulator.url}${path}?${new URLSearchParams(query).toString()}`, {
        method,
        redirect: 'manual',
        headers: { 'content-type': type, authorization },
        ...(method !== 'GET' && { body: text }),
      });
      await answer.arrayBuffer();
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 400 },
  );
});
