import type { App } from './app.ts';
import type { Credentials } from './credentials.ts';
import { readOAuthHeader, sign, signatureBase } from './oauth1-signature.ts';
import { sameText } from './same-text.ts';
import type { Exchange } from '../http/exchange.ts';

/** Why a signed request is not believed. */
export type Doubt =
  | 'no-oauth'
  | 'incomplete'
  | 'unknown-app'
  | 'unknown-token'
  | 'timestamp'
  | 'replayed'
  | 'signature';

/** The one who signed; `token` only where the request named one. */
export interface Signed {
  readonly app: App;
  readonly token: string | undefined;
  /** All `oauth_` parameters, and those of query and form body. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** How far a client's clock may be off. */
const TOLERANCE_MS = 5 * 60_000;
const NAMES = ['oauth_consumer_key', 'oauth_signature', 'oauth_timestamp', 'oauth_nonce', 'oauth_signature_method'];
/** Clients sign what they were told to call; the name may have been taken from the platform. */
const HOSTS = ['https://api.twitter.com', 'https://api.x.com', 'https://stream.twitter.com'];

/** Checks the signatures of OAuth 1.0a (RFC 5849): HMAC-SHA1 over method, address and parameters. */
export class OAuth1Verifier {
  readonly #credentials: Credentials;
  readonly #wallNow: () => number;
  /** Nonces by when they were used, for as long as their timestamps are taken. */
  readonly #nonces = new Map<string, number>();

  /** @param wallNow real Unix ms: timestamps are made by the clients' clocks */
  constructor(credentials: Credentials, wallNow: () => number) {
    this.#credentials = credentials;
    this.#wallNow = wallNow;
  }

  /**
   * @param secretOf secret of a token that the request names, of whatever kind; undefined when there is no such token
   */
  async verify(exchange: Exchange, secretOf: (token: string, app: App) => string | undefined): Promise<Signed | Doubt> {
    const { request, url } = exchange;
    const header = readOAuthHeader(request.headers.authorization ?? '');
    const pairs = [...url.searchParams, ...(await exchange.form())];
    if (header === undefined && !pairs.some(([name]) => name === 'oauth_consumer_key')) return 'no-oauth';
    const all = [...(header ?? []), ...pairs];
    const parameters = new Map(all.toReversed());
    if (NAMES.some((name) => (parameters.get(name) ?? '') === '')) return 'incomplete';
    const [key = '', signature = '', timestamp = '', nonce = '', signatureMethod = ''] = NAMES.map((name) =>
      parameters.get(name),
    );
    if (signatureMethod !== 'HMAC-SHA1') return 'incomplete';
    const app = this.#credentials.appByConsumerKey(key);
    if (app === undefined) return 'unknown-app';
    const token = parameters.get('oauth_token');
    const secret = token === undefined || token === '' ? '' : secretOf(token, app);
    if (secret === undefined) return 'unknown-token';
    const isSigned = ([name]: readonly [string, string]): boolean => name !== 'oauth_signature' && name !== 'realm';
    // Some clients say a parameter of the header once more in the body, and sign it once.
    const once = [...(header ?? []), ...pairs.filter(([name, value]) => header?.get(name) !== value)];
    const isTrue = addressesOf(exchange).some((address) =>
      [all, once].some((parameters) => {
        const base = signatureBase(request.method ?? '', address, parameters.filter(isSigned));
        return sameText(signature, sign(base, app.consumerSecret, secret));
      }),
    );
    if (!isTrue) return 'signature';
    const at = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1000 : Number.NaN;
    if (!(Math.abs(at - this.#wallNow()) <= TOLERANCE_MS)) return 'timestamp';
    if (!this.#isFresh(`${key} ${token ?? ''} ${timestamp} ${nonce}`)) return 'replayed';
    return { app, token: token === '' ? undefined : token, parameters };
  }

  #isFresh(nonce: string): boolean {
    const now = this.#wallNow();
    // Kept in order of arrival, so that the old ones are first.
    for (const [old, at] of this.#nonces) {
      if (at > now - 2 * TOLERANCE_MS) break;
      this.#nonces.delete(old);
    }
    if (this.#nonces.has(nonce)) return false;
    this.#nonces.set(nonce, now);
    return true;
  }
}

/** What the client may have signed: the address by which it reached us, with either scheme, or that of the platform. */
function addressesOf({ request, url }: Exchange): string[] {
  // As sent: a parsed path may be written differently.
  const sent = (request.url ?? '').split('?')[0] ?? '';
  const path = sent.startsWith('/') ? sent : url.pathname;
  const host = (request.headers.host ?? '').toLowerCase();
  const own = [`http://${host.replace(/:80$/, '')}`, `https://${host.replace(/:443$/, '')}`];
  return [...own, ...HOSTS].map((origin) => origin + path);
}
