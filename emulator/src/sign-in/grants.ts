import type { App } from '../credentials/app.ts';

/** A user's consent by OAuth 2, for which the app has a code. */
export interface CodeGrant {
  readonly app: App;
  readonly account: number;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly challenge: string;
  readonly method: 'S256' | 'plain';
}

/** What a refresh token stands for. */
export interface RefreshGrant {
  readonly app: App;
  readonly account: number;
  readonly scopes: readonly string[];
}

/** One OAuth 1.0a sign-in on its way. */
export interface RequestToken {
  readonly app: App;
  readonly token: string;
  readonly secret: string;
  /** An address, or `oob`: the user is shown a PIN. */
  readonly callback: string;
  /** Once the user has agreed. */
  consent?: { readonly account: number; readonly verifier: string };
}

/** How long a code can be exchanged: real time, since people and programs hand it on in theirs. */
const CODE_MS = 30_000;
const REQUEST_TOKEN_MS = 15 * 60_000;

/** Sign-ins that have begun and not ended. */
export class Grants {
  readonly refreshTokens = new Map<string, RefreshGrant>();
  readonly #codes: Expiring<CodeGrant>;
  readonly #requestTokens: Expiring<RequestToken>;

  /** @param wallNow real Unix ms */
  constructor(wallNow: () => number) {
    this.#codes = new Expiring(CODE_MS, wallNow);
    this.#requestTokens = new Expiring(REQUEST_TOKEN_MS, wallNow);
  }

  addCode(code: string, grant: CodeGrant): void {
    this.#codes.set(code, grant);
  }

  /** Undefined when it has never been, has been used, or is older than 30 s. */
  code(code: string): CodeGrant | undefined {
    return this.#codes.get(code);
  }

  useCode(code: string): void {
    this.#codes.delete(code);
  }

  addRequestToken(token: RequestToken): void {
    this.#requestTokens.set(token.token, token);
  }

  requestToken(token: string): RequestToken | undefined {
    return this.#requestTokens.get(token);
  }

  endRequestToken(token: string): void {
    this.#requestTokens.delete(token);
  }
}

/** A map whose entries are gone after a while. */
class Expiring<T> {
  readonly #lifeMs: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, { readonly value: T; readonly until: number }>();

  constructor(lifeMs: number, now: () => number) {
    this.#lifeMs = lifeMs;
    this.#now = now;
  }

  set(key: string, value: T): void {
    const now = this.#now();
    // In order of age: the oldest are first.
    for (const [old, { until }] of this.#entries) {
      if (until > now) break;
      this.#entries.delete(old);
    }
    this.#entries.set(key, { value, until: now + this.#lifeMs });
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > this.#now() ? entry.value : undefined;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
