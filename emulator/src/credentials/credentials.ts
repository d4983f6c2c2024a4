import { createHash } from 'node:crypto';
import type { App } from './app.ts';
import type { Caller } from './caller.ts';

/** A key that an app or a user acts with. Times are of the virtual clock. */
export type Token =
  | { readonly kind: 'app'; readonly app: App; readonly token: string }
  | {
      readonly kind: 'user1';
      readonly app: App;
      readonly token: string;
      readonly secret: string;
      readonly account: number;
    }
  | {
      readonly kind: 'user2';
      readonly app: App;
      readonly token: string;
      readonly account: number;
      readonly scopes: ReadonlySet<string>;
      readonly expiresAt: number;
    };

/** All apps and tokens that are valid now. Keys of the first app follow from the seed, so that they stay across restarts. */
export class Credentials {
  readonly #seed: number;
  readonly #apps = new Map<string, App>();
  readonly #tokens = new Map<string, Token>();
  #made = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  get apps(): Iterable<App> {
    return this.#apps.values();
  }

  addApp(app: App): App {
    this.#apps.set(app.id, app);
    return app;
  }

  appById(id: string): App | undefined {
    return this.#apps.get(id);
  }

  appByConsumerKey(consumerKey: string): App | undefined {
    return [...this.#apps.values()].find((app) => app.consumerKey === consumerKey);
  }

  appByClientId(clientId: string): App | undefined {
    return [...this.#apps.values()].find((app) => app.clientId === clientId);
  }

  add(token: Token): Token {
    this.#tokens.set(`${token.kind} ${token.token}`, token);
    return token;
  }

  /** Also tokens that have expired: the caller asks `expiresAt`. */
  find<K extends Token['kind']>(kind: K, token: string): Extract<Token, { kind: K }> | undefined {
    return this.#tokens.get(`${kind} ${token}`) as Extract<Token, { kind: K }> | undefined;
  }

  tokensOf(app: App): Token[] {
    return [...this.#tokens.values()].filter((token) => token.app.id === app.id);
  }

  /** The app's bearer token: there is one at a time, and asking again gives the same. */
  bearerOf(app: App): string {
    const found = this.tokensOf(app).find(({ kind }) => kind === 'app');
    return (found ?? this.add({ kind: 'app', app, token: `AAAAAAAAAAAAAAAAAAAAA${this.makeKey(80)}` })).token;
  }

  /** The OAuth 1.0a token of a user of the app: there is one, and asking again gives the same. `id` is the account's. */
  user1Of(app: App, account: number, id: string): Extract<Token, { kind: 'user1' }> {
    for (const token of this.tokensOf(app)) if (token.kind === 'user1' && token.account === account) return token;
    const token = {
      kind: 'user1',
      app,
      token: `${id}-${this.makeKey(40)}`,
      secret: this.makeKey(45),
      account,
    } as const;
    this.add(token);
    return token;
  }

  revoke(token: Token): void {
    this.#tokens.delete(`${token.kind} ${token.token}`);
  }

  /** A key nobody has, the same for the same seed and the same history. `length` up to 86 characters of [A-Za-z0-9_-]. */
  makeKey(length: number): string {
    const digest = createHash('sha512')
      .update(`${this.#seed} ${this.#made++}`)
      .digest('base64url');
    return digest.slice(0, length);
  }
}

export function callerOf(token: Token): Caller {
  switch (token.kind) {
    case 'app':
      return { kind: 'app', app: token.app, token: token.token };
    case 'user1':
      return { kind: 'user1', app: token.app, token: token.token, account: token.account };
    case 'user2':
      return { kind: 'user2', app: token.app, token: token.token, account: token.account, scopes: token.scopes };
  }
}
