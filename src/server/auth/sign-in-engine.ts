/**
 * The sign-in library with our settings: sessions, passwords, second factors, other services' sign-in. None of its own routes are served but the
 * one that other services send people back to; whatever else it does is asked for by routes of ours, which guard, throttle and record it.
 */
import { betterAuth } from 'better-auth';
import { APIError, createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { type GenericOAuthConfig, twoFactor } from 'better-auth/plugins';
import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../core/time.ts';
import type { XConsent } from '../../platforms/x/oauth1-consent.ts';
import type { Database } from '../../store/db.ts';
import { hashPassword, isPassword, PASSWORD_MAX, PASSWORD_MIN } from '../../store/users/password.ts';
import { signInDatabase } from '../../store/users/sign-in-database.ts';
import { oauth1Way } from './oauth1-way.ts';
import { patientServices } from './patient-services.ts';

/** Below the page's address; the callback of a service is `SIGN_IN_PATH/callback/<id>`. */
export const SIGN_IN_PATH = '/api/v1/sign-in';

const DAY_SEC = 86_400;

/** What a service gave for somebody who came from it. */
export type ServiceTokens = {
  accessToken: string;
  /** Of OAuth 1.0a alone. */
  accessTokenSecret?: string;
  refreshToken?: string | null | undefined;
  accessTokenExpiresAt?: Date | null | undefined;
};

export type EngineOptions = {
  db: Database;
  /** 32 bytes or more. */
  secret: string;
  /** The page's address without `/` at its end: `https://host/mistnet`. */
  publicUrl: string;
  providers: GenericOAuthConfig[];
  /** X by OAuth 1.0a; undefined: nobody comes that way. */
  consent: XConsent | undefined;
  clock: Clock;
  /** Whoever comes by a service and is not known: what they become, or undefined when they may not. */
  welcome: (stranger: {
    email: string;
    emailVerified: boolean;
  }) => Promise<{ role: string; name?: string } | undefined>;
  /** Called before an account of a service is kept or renewed. Its tokens are not kept with it. */
  onTokens: (tokens: ServiceTokens) => void;
  /** Called after that, with whose account it is, and its id at the service. */
  onAccount: (account: { userId: string; accountId: string }) => void;
  log: FastifyBaseLogger;
};

export type SignInEngine = ReturnType<typeof createSignInEngine>;

/** Opens nothing; the tables are asked when a call needs them. */
export function createSignInEngine(options: EngineOptions) {
  const { db, secret, publicUrl, providers, consent, clock, log } = options;
  const { protocol, pathname } = new URL(publicUrl);
  const [isEncrypted, isBelowPath] = [protocol === 'https:', pathname !== '/'];
  return betterAuth({
    baseURL: `${publicUrl}${SIGN_IN_PATH}`,
    secret,
    database: signInDatabase(db),
    telemetry: { enabled: false },
    // Our routes throttle, for all servers together.
    rateLimit: { enabled: false },
    logger: {
      level: 'warn',
      // Its words alone: what it adds may hold addresses and tokens.
      log: (level, message) => (level === 'error' ? log.warn({ message }, 'sign-in.library') : undefined),
    },
    onAPIError: { errorURL: `${publicUrl}/sign-in` },
    user: {
      additionalFields: {
        // What a new user really becomes is said by `welcome`.
        role: { type: 'string', required: true, input: false, defaultValue: 'viewer' },
        active: { type: 'boolean', required: true, input: false, defaultValue: true },
      },
    },
    session: { expiresIn: 14 * DAY_SEC, updateAge: DAY_SEC },
    account: {
      accountLinking: {
        enabled: true,
        // Somebody signed in links whatever account is theirs; without being signed in only a checked address does.
        allowDifferentEmails: true,
        // X tells no address; the one made of its id is nobody else's. Others must vouch for the address they tell.
        trustedProviders: ['x'],
      },
      skipStateCookieCheck: false,
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_MIN,
      maxPasswordLength: PASSWORD_MAX * 4,
      password: { hash: hashPassword, verify: ({ hash, password }) => isPassword(hash, password) },
    },
    advanced: {
      // By these names browsers know that no other site of the domain, nor anybody on the way, may set them.
      cookiePrefix: isEncrypted ? (isBelowPath ? '__Secure-mistnet' : '__Host-mistnet') : 'mistnet',
      // It would put a name of its own before.
      useSecureCookies: false,
      defaultCookieAttributes: {
        httpOnly: true,
        sameSite: 'strict',
        secure: isEncrypted,
        path: isBelowPath ? `${pathname}/` : '/',
      },
      // A service sends people back from its own site: a strict cookie would stay behind.
      cookies: Object.fromEntries(
        ['state', 'oauth_state', 'oauth1'].map((name) => [name, { attributes: { sameSite: 'lax' } }]),
      ),
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user) => {
            const welcome = await options.welcome({ email: user.email, emailVerified: user.emailVerified });
            if (welcome === undefined) throw new APIError('FORBIDDEN', { code: 'not_invited', message: 'Not invited' });
            return {
              data: { ...user, name: user.name || (welcome.name ?? user.email), role: welcome.role, active: true },
            };
          },
        },
      },
      session: {
        create: {
          before: async (session) => {
            const [user] = await db.query<{ active: boolean }>('select active from auth."user" where id = $1', [
              session.userId,
            ]);
            if (user?.active !== true) throw new APIError('FORBIDDEN', { code: 'user_inactive', message: 'Inactive' });
          },
        },
      },
      account: {
        create: {
          before: async (account) => ({ data: withoutTokens(options, account) }),
          after: async ({ userId, accountId }) => options.onAccount({ userId, accountId }),
        },
        update: {
          before: async (account) => ({ data: withoutTokens(options, account) }),
          after: async ({ userId, accountId }) => options.onAccount({ userId, accountId }),
        },
      },
    },
    plugins: [
      twoFactor({ issuer: 'mistnet', twoFactorCookieMaxAge: 600, totpOptions: { digits: 6, period: 30 } }),
      patientServices(providers),
      oauth1Way({ consent, clock }),
      enterAs(),
      spentCodes(clock),
    ],
  });
}

/** Where our routes put the caller's address for the library: no client can send it, for requests are not handed on as they came. */
export const ADDRESS_HEADER = 'x-mistnet-address';

/** The tokens go where credentials are kept; here they would lie a second time. */
function withoutTokens<T extends Partial<Record<keyof ServiceTokens, unknown>>>(
  { onTokens }: EngineOptions,
  account: T,
): T {
  if (typeof account.accessToken !== 'string') return account;
  onTokens(account as T & ServiceTokens);
  return { ...account, accessToken: null, refreshToken: null, idToken: null };
}

/** A session for somebody who has proven in a way of ours who they are. */
function enterAs() {
  return {
    id: 'enter-as',
    endpoints: {
      enterAs: createAuthEndpoint(
        '/enter-as',
        { method: 'POST', body: z.object({ userId: z.string() }), metadata: { SERVER_ONLY: true } },
        async (ctx) => {
          const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId);
          if (user === null) throw new APIError('NOT_FOUND', { code: 'user_unknown', message: 'Unknown' });
          const session = await ctx.context.internalAdapter.createSession(user.id, false);
          await setSessionCookie(ctx, { session, user });
          return ctx.json({ userId: user.id });
        },
      ),
    },
  } as const;
}

/** Longer than any code of an app is good for. */
const CODE_LIFE_MS = 300_000;

/** Codes of apps are good for some time; each lets in once, or whoever looked over a shoulder could follow. */
function spentCodes(clock: Clock) {
  return {
    id: 'spent-codes',
    endpoints: {
      spendCode: createAuthEndpoint(
        '/spend-code',
        { method: 'POST', body: z.object({ userId: z.string(), code: z.string() }), metadata: { SERVER_ONLY: true } },
        async (ctx) => {
          const { userId, code } = ctx.body;
          const isFirst = await ctx.context.internalAdapter.reserveVerificationValue({
            ...{ identifier: `code:${userId}:${code}`, value: 'spent' },
            expiresAt: new Date(clock.now() + CODE_LIFE_MS),
          });
          return ctx.json({ isFirst });
        },
      ),
    },
  } as const;
}
