import { expect } from 'vitest';
import { percentEncode, sign, signatureBase } from '../../src/credentials/oauth1-signature.ts';
import { type EmulatorOptions, startEmulator } from '../../src/start-emulator.ts';

export const REDIRECT = 'http://127.0.0.1:9/callback?from=x';
/** RFC 7636, appendix B. */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
export const USER_ONLY = '/1.1/oauth/invalidate_token.json';
export const APP_ONLY = '/2/usage/tweets';

export type Keys = Readonly<Record<string, string>>;
export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** An emulator, with words for what clients do. */
export async function platform(options: EmulatorOptions = {}) {
  const emulator = await startEmulator({ accounts: 1000, rate: 1, ...options });
  const call = async (path: string, init: RequestInit = {}): Promise<Reply> => {
    const answer = await fetch(emulator.url + path, { redirect: 'manual', ...init });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  const post = (path: string, fields: Keys, headers: Keys = {}) =>
    call(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  const keys = JSON.parse((await call('/_emulator/credentials')).text) as Keys;
  return {
    url: emulator.url,
    keys,
    call,
    post,
    /** A new app of the emulator. */
    async register(order: object): Promise<Keys> {
      const answer = await call('/_emulator/apps', { method: 'POST', body: JSON.stringify(order) });
      return { ...(JSON.parse(answer.text) as Keys), status: String(answer.status) };
    },
    /** Consent without a browser; gives back where the user is sent. */
    async consent(fields: Keys): Promise<URL> {
      const answer = await post('/i/oauth2/authorize', {
        ...wish(keys),
        account: 'user_public',
        decision: 'allow',
        ...fields,
      });
      expect([answer.status, answer.text]).toEqual([302, '']);
      return new URL(answer.headers.get('location') ?? '');
    },
    async codeFor(fields: Keys = {}): Promise<string> {
      return (await this.consent(fields)).searchParams.get('code') ?? '';
    },
    token: (fields: Keys, headers: Keys = {}) =>
      post(
        '/2/oauth2/token',
        {
          grant_type: 'authorization_code',
          client_id: keys['client_id'] ?? '',
          redirect_uri: REDIRECT,
          code_verifier: VERIFIER,
          ...fields,
        },
        headers,
      ),
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

export const wish = (keys: Keys): Keys => ({
  response_type: 'code',
  client_id: keys['client_id'] ?? '',
  redirect_uri: REDIRECT,
  scope: 'tweet.read users.read offline.access',
  state: 'a b&c',
  code_challenge: CHALLENGE,
  code_challenge_method: 's256',
});
export const basic = (name = '', secret = ''): Keys => ({
  authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
});
export const bearer = (token: unknown): Keys => ({ authorization: `Bearer ${String(token)}` });
export const json = ({ text }: Reply) => JSON.parse(text) as Record<string, unknown>;
export const short = ({ status, text }: Reply) => [status, text];

export interface Signer {
  readonly key: string;
  readonly secret: string;
  readonly token?: string;
  readonly tokenSecret?: string;
}
let nonces = 0;

/** Signs as a client does. `extra` are further oauth_ parameters, and may be wrong ones. */
export function signed(method: string, address: string, signer: Signer, extra: Keys = {}, body: Keys = {}): Keys {
  const { key, secret, token, tokenSecret = '' } = signer;
  const oauth: Record<string, string> = {
    oauth_consumer_key: key,
    oauth_nonce: `n${nonces++}`,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_version: '1.0',
    ...(token !== undefined && { oauth_token: token }),
    ...extra,
  };
  const url = new URL(address);
  const all = [...Object.entries(oauth), ...url.searchParams, ...Object.entries(body)];
  const base = signatureBase(method, url.origin + url.pathname, all);
  const header = { ...oauth, oauth_signature: sign(base, secret, tokenSecret), ...extra };
  const list = Object.entries(header).map(([name, value]) => `${percentEncode(name)}="${percentEncode(value)}"`);
  return { authorization: `OAuth ${list.join(', ')}` };
}
