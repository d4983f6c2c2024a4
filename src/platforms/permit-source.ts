/**
 * How a caller of an API gets leave to make one call. Two kinds of source exist: one in the memory of a command that asks one
 * question, and one that shares the ledger of all workers. Who calls need not know which it has.
 */
import type { Platform } from '../core/ids.ts';

/** The limit of one endpoint as the platform publishes it: calls in each window, per app and per user; undefined: that token may not call it. */
export type EndpointLimit = {
  /** The platform's name of the limit, the same for all calls that share it, as `GET /2/users/:id/tweets`. */
  endpoint: string;
  windowMs: number;
  app: number | undefined;
  user: number | undefined;
  /** Where it depends on what was bought: by the credential's level. */
  levels?: Readonly<Record<string, { windowMs: number; app: number | undefined; user: number | undefined }>>;
  /** The least time between two calls, where the platform has such a rule besides the window. */
  spacingMs?: number;
};

/** What the platform bills: posts and accounts handed out, or calls as such. */
export type BilledResource = 'post' | 'account' | 'call';

/** What a call wants before it may be made. */
export type PermitWish = {
  limit: EndpointLimit;
  /** At most so many units can be billed; they are reserved until the answer says how many were. */
  reserve: { resource: BilledResource; atMost: number };
  /** Only these credentials will do, by label; any that can call the endpoint when absent. */
  credential?: string;
  /** A user's token is needed, an app's is needed, or either will do (default). */
  as?: 'app' | 'user';
};

/** What the answer said, for the ledger. Header values as received; undefined where a header was absent. */
export type CallOutcome = {
  status: number | 'no-answer';
  limit?: number;
  remaining?: number;
  /** When the window starts anew, ms since 1970 by the platform's clock. */
  resetAtMs?: number;
  /** The platform's clock when it answered (its `date` header), ms since 1970. */
  platformNowMs?: number;
  /** How many units were handed out and so are billed. */
  billed: number;
  /** The refusal told apart by its `type`: the window is used up, the month's cap is, or the money. */
  refusal?: 'rate-limited' | 'usage-capped' | 'out-of-money' | 'credential-refused';
  /** Of a cap that is used up: whether it is one of days or (default) of months, and when it ends by our clock, where that was told. */
  capPeriod?: 'day' | 'month';
  capResetsAtMs?: number;
};

/** The value of the `authorization` header for a request. OAuth 1.0a signs method, address and form, so it is made per request. */
export type Authorize = (request: { method: string; url: URL; form?: URLSearchParams }) => string;

/** A credential that may be used, as whoever keeps credentials hands it out. No secret can be read from it. */
export type PooledCredential = {
  label: string;
  kind: 'app' | 'user';
  /** Default: x. */
  platform?: Platform;
  /** What was bought, for prices; default: the dearest that is sold without a contract. */
  level?: string;
  /** Somebody's own: only what names it is asked with it. Default: it serves everybody. */
  isPersonal?: boolean;
  /** Digest of what is secret in it, where nobody tells when that changes: what was refused is not said of another one. */
  secret?: string;
  authorization: Authorize;
};

/** Leave to make exactly one call, with this credential. */
export type Permit = {
  credential: string;
  authorization: Authorize;
  /** Must be called once, also when no answer came. */
  settle(outcome: CallOutcome): void | Promise<void>;
};

export type PermitSource = {
  /**
   * Waits until a call may be made. Throws `budget.reached` when money forbids it, `credential.unusable` when no credential can make
   * such a call, and the signal's reason when it aborts.
   * `budget.reached` also when the platform's own cap or credit is used up; it is a `BudgetReached`, which knows when to come again.
   */
  acquire(wish: PermitWish, signal: AbortSignal): Promise<Permit>;
};
