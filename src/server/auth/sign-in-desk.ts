/** What routes ask of the sign-in library: every call answers with the cookies to set, and refusals are ours. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { APIError } from 'better-auth/api';
import type { FastifyBaseLogger } from 'fastify';
import { causeText, MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { XConsent } from '../../platforms/x/oauth1-consent.ts';
import { ProblemError } from '../problems.ts';
import { classifyDatabaseError } from '../../store/database-errors.ts';
import type { Database } from '../../store/db.ts';
import type { UserRole } from '../../store/users/users.ts';
import { OAUTH1_WAY, X_SERVICE } from './oauth1-way.ts';
import type { Service } from './providers.ts';
import {
  ADDRESS_HEADER,
  type ServiceTokens,
  createSignInEngine,
  SIGN_IN_PATH,
  type SignInEngine,
} from './sign-in-engine.ts';

/** Who asks, as far as the library is told. `publicUrl`: the page's address for this visitor, without `/` at its end. */
export type Visit = { publicUrl: string; cookie: string; userAgent: string; address: string };

/** `cookies`: values of `set-cookie`. */
export type Answered<T> = { value: T; cookies: string[] };

export type SessionUser = { userId: string; name: string; email: string; role: UserRole; hasSecondFactor: boolean };
/** `sessionId` names it in lists; it opens nothing. */
export type Session = { sessionId: string; user: SessionUser };

/** A way in by another service. */
export type Provider = { id: string; name: string };

export type SignInDesk = ReturnType<typeof createSignInDesk>;

/**
 * Somebody came back from a service: where they go next, and, when that worked, who it was and whether they signed in or, being signed in,
 * linked that service's account.
 */
export type Return = { location: string; arrived?: { userId: string; isLink: boolean } };

/** Who came, by which way, and as whom of which service. `handle`: what people call that account, where the service says it. */
export type Arrival = {
  way: string;
  userId: string;
  tokens: ServiceTokens;
  account: { provider: string; accountId: string; handle?: string | undefined };
};

/** Addresses under which one server is opened: few, but a caller can invent names below `.localhost`. */
const MAX_ENGINES = 16;

export type SignInDeskOptions = {
  db: Database;
  secret: string;
  providers: Service[];
  /** X by OAuth 1.0a, where its app's keys are known. */
  consent?: XConsent | undefined;
  clock: Clock;
  welcome: (stranger: {
    email: string;
    emailVerified: boolean;
  }) => Promise<{ role: UserRole; name?: string } | undefined>;
  /** Called once somebody who came from a service is known, with what the service gave. */
  onArrival: (arrival: Arrival) => Promise<void>;
  log: FastifyBaseLogger;
};

/** How long what services say of themselves is gone by, and how long at least when a sign-in failed by it. */
const DESCRIPTION_MS = 3_600_000;
const RETRY_DESCRIPTION_MS = 10_000;

/** Refusals that say nothing of a service's addresses and keys. */
const OF_PEOPLE = new Set([
  ...['access_denied', 'state_mismatch', 'state_not_found', 'please_restart_the_process', 'not_invited'],
  ...['user_inactive', 'account_not_linked', 'account_already_linked_to_different_user'],
]);

type Kept = { engine: SignInEngine; madeAtMs: number; isRenewing: boolean };

/** What the library lets know of somebody on their way in, piece by piece. */
type Noted = { tokens?: ServiceTokens; userId?: string; accountId?: string; handle?: string };

export function createSignInDesk(options: SignInDeskOptions) {
  const engines = new Map<string, Kept>();
  const describesItself = options.providers.some(({ discoveryUrl }) => discoveryUrl !== undefined);
  /** What came with the request that is being answered. */
  const arrived = new AsyncLocalStorage<Noted>();
  const note = (part: Noted) => {
    const store = arrived.getStore();
    if (store !== undefined) Object.assign(store, part);
  };
  const services = options.providers.map(
    (service): Service => ({
      ...service,
      mapProfileToUser: async (profile) => {
        const handle = service.handleOf(profile);
        if (typeof handle === 'string') note({ handle });
        return (await service.mapProfileToUser?.(profile)) ?? {};
      },
    }),
  );

  function engineOf({ publicUrl }: Visit): SignInEngine {
    const known = engines.get(publicUrl);
    if (known !== undefined) {
      renew(publicUrl, known, DESCRIPTION_MS);
      return known.engine;
    }
    const [oldest] = engines.keys();
    if (engines.size >= MAX_ENGINES && oldest !== undefined) engines.delete(oldest);
    const engine = makeEngine(publicUrl);
    engines.set(publicUrl, { engine, madeAtMs: options.clock.now(), isRenewing: false });
    return engine;
  }

  /**
   * What services say of themselves is read when an engine is made: one that is older than that is followed by another, once that one has read it.
   * Meanwhile the old one serves, and whatever it began the new one ends: nothing of it is in memory.
   */
  function renew(publicUrl: string, known: Kept, olderThanMs: number): void {
    const { clock, log } = options;
    if (!describesItself || known.isRenewing || Math.abs(clock.now() - known.madeAtMs) < olderThanMs) return;
    known.isRenewing = true;
    const engine = makeEngine(publicUrl);
    engine.$context.then(
      () => engines.set(publicUrl, { engine, madeAtMs: clock.now(), isRenewing: false }),
      (error: unknown) => {
        log.warn({ cause: causeText(error) }, 'sign-in.services-unread');
        Object.assign(known, { isRenewing: false, madeAtMs: clock.now() });
      },
    );
  }

  function makeEngine(publicUrl: string): SignInEngine {
    const { db, secret, consent, clock, welcome, log } = options;
    return createSignInEngine({
      ...{ db, secret, publicUrl, providers: services, consent, clock, welcome, log },
      onTokens: (tokens) => note({ tokens }),
      onAccount: note,
    });
  }
  const apiOf = (visit: Visit) => engineOf(visit).api;

  return {
    providers: options.providers.map(({ providerId, name }): Provider => ({ id: providerId, name })),
    hasOAuth1: options.consent !== undefined,

    /** Who the cookie stands for. `renew` moves the end of the session on, which may need a new cookie. */
    async session(visit: Visit, { renew }: { renew: boolean }): Promise<Answered<Session | undefined>> {
      const { headers, response } = await apiOf(visit)
        .getSession({ headers: headersOf(visit), query: { disableRefresh: !renew }, returnHeaders: true })
        .catch((error: unknown) => {
          throw causeOf(error);
        });
      if (response === null || !response.user.active) return { value: undefined, cookies: headers.getSetCookie() };
      const { user, session } = response;
      return {
        value: {
          sessionId: session.id,
          user: {
            ...{ userId: user.id, name: user.name, email: user.email, role: user.role as UserRole },
            hasSecondFactor: user.twoFactorEnabled === true,
          },
        },
        cookies: headers.getSetCookie(),
      };
    },

    /** `second-factor`: the password was right, a code is asked for next. Throws `sign-in.failed`, `sign-in.inactive`. */
    async signIn(
      visit: Visit,
      body: { email: string; password: string; rememberMe: boolean },
    ): Promise<Answered<'in' | 'second-factor'>> {
      return await answer(async () => {
        const { headers, response } = await apiOf(visit).signInEmail({
          ...{ body, headers: headersOf(visit), returnHeaders: true },
        });
        return { headers, value: 'twoFactorRedirect' in response ? 'second-factor' : 'in' };
      });
    },

    /** The second step, by a code of the app or a recovery code. Throws `sign-in.failed`. */
    async enterCode(
      visit: Visit,
      { code, kind }: { code: string; kind: 'app' | 'recovery' },
    ): Promise<Answered<string>> {
      return await answer(async () => {
        const call = { body: { code }, headers: headersOf(visit), returnHeaders: true } as const;
        const { headers, response } =
          kind === 'app' ? await apiOf(visit).verifyTOTP(call) : await apiOf(visit).verifyBackupCode(call);
        const userId = response.user.id;
        if (kind === 'app' && !(await apiOf(visit).spendCode({ body: { userId, code } })).isFirst) {
          const cookie = headers
            .getSetCookie()
            .map((each) => each.split(';', 1)[0])
            .join('; ');
          await apiOf(visit).signOut({ headers: headersOf({ ...visit, cookie }) });
          throw new ProblemError(
            'sign-in.failed',
            'That code has let somebody in already. Begin again with the password and take the next code.',
          );
        }
        return { headers, value: userId };
      });
    },

    async enterAs(visit: Visit, userId: string): Promise<Answered<string>> {
      return await answer(async () => {
        const { headers, response } = await apiOf(visit).enterAs({
          ...{ body: { userId }, headers: headersOf(visit), returnHeaders: true },
        });
        return { headers, value: response.userId };
      });
    },

    async signOut(visit: Visit): Promise<Answered<undefined>> {
      return await answer(async () => {
        const { headers } = await apiOf(visit).signOut({ headers: headersOf(visit), returnHeaders: true });
        return { headers, value: undefined };
      });
    },

    /** A secret for the app; it counts from `confirmSecondFactor` on. Throws `sign-in.failed` for a wrong password. */
    async beginSecondFactor(
      visit: Visit,
      password: string,
    ): Promise<Answered<{ uri: string; recoveryCodes: string[] }>> {
      return await answer(async () => {
        const { headers, response } = await apiOf(visit).enableTwoFactor({
          ...{ body: { password, method: 'totp' }, headers: headersOf(visit), returnHeaders: true },
        });
        if (!('totpURI' in response)) throw new Error('the sign-in library gave no secret');
        return { headers, value: { uri: response.totpURI, recoveryCodes: response.backupCodes } };
      });
    },

    async confirmSecondFactor(visit: Visit, code: string): Promise<Answered<undefined>> {
      return await answer(async () => {
        const { headers } = await apiOf(visit).verifyTOTP({
          ...{ body: { code }, headers: headersOf(visit), returnHeaders: true },
        });
        return { headers, value: undefined };
      });
    },

    async endSecondFactor(visit: Visit, password: string): Promise<Answered<undefined>> {
      return await answer(async () => {
        const { headers } = await apiOf(visit).disableTwoFactor({
          ...{ body: { password }, headers: headersOf(visit), returnHeaders: true },
        });
        return { headers, value: undefined };
      });
    },

    /** Where to send the browser, to sign in by a service or (`link`) to join that service's account to the user who is signed in. */
    async begin(visit: Visit, { provider, backTo, link }: { provider: string; backTo: string; link: boolean }) {
      const [back, onError] = [`${visit.publicUrl}${backTo}`, `${visit.publicUrl}${link ? '/profile' : '/sign-in'}`];
      return await answer(async () => {
        if (provider === OAUTH1_WAY) {
          const body = { backTo: back, errorTo: onError, link };
          const call = { body, headers: headersOf(visit), returnHeaders: true } as const;
          const { headers, response } = await apiOf(visit).beginOAuth1(call);
          return { headers, value: response.url };
        }
        const call = {
          body: { provider, callbackURL: back, errorCallbackURL: onError, disableRedirect: true },
          headers: headersOf(visit),
          returnHeaders: true,
        } as const;
        const { headers, response } = await (link
          ? apiOf(visit).linkSocialAccount(call)
          : apiOf(visit).signInSocial(call)
        ).catch((error: unknown) => {
          throw asNoAnswer(error, provider);
        });
        if (response.url === undefined) throw new Error('the sign-in library gave no address');
        return { headers, value: response.url };
      });
    },

    /** Somebody comes back from a service, with what it wrote into the address (`?…`). */
    async comeBack(visit: Visit, { provider, query }: { provider: string; query: string }): Promise<Answered<Return>> {
      if (provider === OAUTH1_WAY) return await comeBackByOAuth1(visit, new URLSearchParams(query));
      const url = `${visit.publicUrl}${SIGN_IN_PATH}/callback/${encodeURIComponent(provider)}${query}`;
      const arrival: Noted = {};
      const reply = await arrived.run(arrival, () =>
        engineOf(visit).handler(new Request(url, { headers: headersOf(visit) })),
      );
      const location = reply.headers.get('location');
      if (location === null) throw new ProblemError('sign-in.failed', 'The sign-in by that service did not end well.');
      const cookies = reply.headers.getSetCookie();
      const { tokens, userId, accountId, handle } = arrival;
      // The account is kept before it is seen whether its user may come in.
      const refusal = new URL(location).searchParams.get('error');
      const known = engines.get(visit.publicUrl);
      if (refusal !== null && known !== undefined && !OF_PEOPLE.has(refusal))
        renew(visit.publicUrl, known, RETRY_DESCRIPTION_MS);
      if (refusal !== null || tokens === undefined || userId === undefined || accountId === undefined)
        return { value: { location: withoutWords(location) }, cookies };
      await options.onArrival({ way: provider, userId, tokens, account: { provider, accountId, handle } });
      // Who linked keeps the session in which they asked for it.
      const isLink = !cookies.some((each) => each.includes('session_token='));
      return { value: { location, arrived: { userId, isLink } }, cookies };
    },
  };

  /** The library knows a service only once it has described itself. */
  function asNoAnswer(error: unknown, provider: string): unknown {
    const name = options.providers.find(({ providerId }) => providerId === provider)?.name;
    return error instanceof APIError && codeOf(error) === 'PROVIDER_NOT_FOUND' && name !== undefined
      ? new ProblemError(
          'sign-in.failed',
          `${capitalised(name)} does not answer. Try again, or come in by your password.`,
        )
      : error;
  }

  async function comeBackByOAuth1(visit: Visit, query: URLSearchParams): Promise<Answered<Return>> {
    const given = {
      token: query.get('oauth_token'),
      verifier: query.get('oauth_verifier'),
      denied: query.get('denied'),
    };
    const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    return await answer<Return>(async () => {
      const { headers, response } = await apiOf(visit).endOAuth1({
        ...{ body, headers: headersOf(visit), returnHeaders: true },
      });
      if ('error' in response) {
        const location = new URL(response.to ?? `${visit.publicUrl}/sign-in`);
        location.searchParams.set('error', response.error);
        return { headers, value: { location: location.href } };
      }
      const { to, userId, isLink, person } = response;
      const { accessToken, accessTokenSecret, userId: accountId, handle } = person;
      await options.onArrival({
        ...{ way: OAUTH1_WAY, userId, tokens: { accessToken, accessTokenSecret } },
        account: { provider: X_SERVICE, accountId, handle },
      });
      return { headers, value: { location: to, arrived: { userId, isLink } } };
    });
  }
}

/** What a service says in the address of a page of ours is not for people to read: the page has words of its own for each code. */
function withoutWords(location: string): string {
  const url = new URL(location);
  if (!url.searchParams.has('error')) return location;
  for (const name of ['error_description', 'error_uri']) url.searchParams.delete(name);
  return url.href;
}

function headersOf({ cookie, userAgent, address, publicUrl }: Visit): Headers {
  return new Headers({
    ...{ cookie, 'user-agent': userAgent, [ADDRESS_HEADER]: address },
    // The library compares; whether the request came from our page was seen before.
    origin: new URL(publicUrl).origin,
  });
}

async function answer<T>(call: () => Promise<{ headers: Headers; value: T }>): Promise<Answered<T>> {
  try {
    const { headers, value } = await call();
    return { value, cookies: headers.getSetCookie() };
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    const cause = causeOf(error);
    throw classifyDatabaseError(cause) === 'away'
      ? new MistnetError('database.unreachable', `The database does not answer: ${causeText(cause)}`, { cause })
      : refusalOf(error);
  }
}

/** The library says of a database that is away that it failed to do something; what matters is why. */
function causeOf(error: unknown): unknown {
  return error instanceof APIError && error.cause !== undefined ? error.cause : error;
}

function codeOf({ body }: APIError): string {
  return String(body?.code ?? '').toUpperCase();
}

function capitalised(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function refusalOf(error: APIError): unknown {
  const { body, status } = error;
  const code = codeOf(error);
  if (code === 'USER_INACTIVE')
    return new ProblemError('sign-in.inactive', 'Your account here is inactive. Ask an administrator to activate it.');
  if (code === 'ACCOUNT_TEMPORARILY_LOCKED')
    return new ProblemError('sign-in.throttled', 'Too many wrong codes. Try again in fifteen minutes.');
  if (code === 'INVALID_TWO_FACTOR_COOKIE' || code === 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE')
    return new ProblemError('sign-in.failed', 'This took too long or too many tries. Begin again with the password.');
  if (code === 'INVALID_CODE')
    return new ProblemError('sign-in.failed', 'The code is not right. Codes of the app change every 30 seconds.');
  if (code === 'INVALID_BACKUP_CODE')
    return new ProblemError('sign-in.failed', 'That is none of your recovery codes, or it was used before.');
  if (code === 'INVALID_PASSWORD') return new ProblemError('sign-in.failed', 'The password is not right.');
  if (code === 'INVALID_EMAIL_OR_PASSWORD' || code === 'INVALID_EMAIL')
    return new ProblemError('sign-in.failed', 'The address or the password is not right.');
  if (code === 'PROVIDER_NOT_FOUND')
    return new ProblemError('route.unknown', 'Nobody can sign in by that service here.');
  if (status === 'UNAUTHORIZED') return new ProblemError('sign-in.required', 'Sign in first.');
  return new ProblemError('sign-in.failed', `That was refused: ${body?.message ?? String(status)}.`);
}
