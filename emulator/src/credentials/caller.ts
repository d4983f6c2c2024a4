import type { App } from './app.ts';

/** `app`: bearer token of an app; `user1`: OAuth 1.0a; `user2`: OAuth 2 user token; `nobody`: no credentials at all. */
export type CallerKind = 'app' | 'user1' | 'user2' | 'nobody';

/** Who calls, after proof. */
export type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'app'; readonly app: App; readonly token: string }
  | { readonly kind: 'user1'; readonly app: App; readonly token: string; readonly account: number }
  | {
      readonly kind: 'user2';
      readonly app: App;
      readonly token: string;
      readonly account: number;
      readonly scopes: ReadonlySet<string>;
    };

export const NOBODY: Caller = { kind: 'nobody' };
