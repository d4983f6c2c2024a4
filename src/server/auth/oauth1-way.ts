/**
 * Signing in by OAuth 1.0a, which the sign-in library does not know: its own means for everything else. What was begun is kept with its
 * secret sealed, can be spent once, and only by the browser that began it. The account is the same as that of OAuth 2, so that a person
 * who comes by both is one user.
 */
import { createHash } from 'node:crypto';
import { APIError, createAuthEndpoint, getSessionFromCtx } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto';
import { handleOAuthUserInfo, linkOAuthAccount } from 'better-auth/oauth2';
import { z } from 'zod';
import { MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { ConsentedPerson, XConsent } from '../../platforms/x/oauth1-consent.ts';

/** The way in, and the last part of its callback. */
export const OAUTH1_WAY = 'x-oauth1';
/** Accounts of X have one provider, whichever way they come by. */
export const X_SERVICE = 'x';
const LIFE_SEC = 600;

const begunSchema = z.object({
  ...{ requestSecret: z.string(), backTo: z.string(), errorTo: z.string() },
  /** Who links, and the session in which they asked for it: its cookie does not come along from another site. */
  link: z.object({ userId: z.string(), email: z.string(), sessionToken: z.string() }).optional(),
});

/** What came back from X: `denied` instead of the others when the person refused. */
const answerSchema = z.object({
  ...{ token: z.string().optional(), verifier: z.string().optional(), denied: z.string().optional() },
});

/** `error`: a code for the page's address, with which `to` does not have it yet. */
export type OAuth1End =
  | { to: string | undefined; error: string }
  | { to: string; userId: string; isLink: boolean; person: ConsentedPerson };

/** A plugin of the library whose calls are ours alone. Without `consent` they are refused. */
export function oauth1Way({ consent, clock }: { consent: XConsent | undefined; clock: Clock }) {
  return {
    id: 'oauth1-way',
    endpoints: {
      beginOAuth1: createAuthEndpoint(
        '/oauth1/begin',
        {
          method: 'POST',
          body: z.object({ backTo: z.string(), errorTo: z.string(), link: z.boolean() }),
          metadata: { SERVER_ONLY: true },
        },
        async (ctx) => {
          if (consent === undefined) throw new APIError('NOT_FOUND', { code: 'PROVIDER_NOT_FOUND' });
          const { backTo, errorTo, link } = ctx.body;
          const session = link ? await getSessionFromCtx(ctx) : null;
          if (link && session === null) throw new APIError('UNAUTHORIZED');
          const request = await consent.begin(`${ctx.context.baseURL}/callback/${OAUTH1_WAY}`);
          const begun: z.infer<typeof begunSchema> = {
            ...{ requestSecret: request.secret, backTo, errorTo },
            ...(session === null
              ? {}
              : {
                  link: {
                    ...{ userId: session.user.id, email: session.user.email },
                    sessionToken: session.session.token,
                  },
                }),
          };
          await ctx.context.internalAdapter.createVerificationValue({
            identifier: identifierOf(request.token),
            value: await symmetricEncrypt({ key: ctx.context.secretConfig, data: JSON.stringify(begun) }),
            expiresAt: new Date(clock.now() + LIFE_SEC * 1000),
          });
          const cookie = ctx.context.createAuthCookie(COOKIE, { maxAge: LIFE_SEC });
          await ctx.setSignedCookie(cookie.name, request.token, ctx.context.secret, cookie.attributes);
          return ctx.json({ url: request.url });
        },
      ),

      endOAuth1: createAuthEndpoint(
        '/oauth1/end',
        {
          method: 'POST',
          body: answerSchema,
          metadata: { SERVER_ONLY: true },
        },
        async (ctx) => {
          const answer = async (): Promise<OAuth1End> => {
            const { token, verifier, denied } = ctx.body;
            const given = token ?? denied;
            const cookie = ctx.context.createAuthCookie(COOKIE);
            const expected = await ctx.getSignedCookie(cookie.name, ctx.context.secret);
            // Whoever sends somebody else's answer here has not begun it in this browser.
            if (consent === undefined || given === undefined || expected !== given)
              return { to: undefined, error: 'state_mismatch' };
            ctx.setCookie(cookie.name, '', { ...cookie.attributes, maxAge: 0 });
            const kept = await ctx.context.internalAdapter.consumeVerificationValue(identifierOf(given));
            if (kept === null) return { to: undefined, error: 'state_mismatch' };
            const { requestSecret, backTo, errorTo, link } = begunSchema.parse(
              JSON.parse(await symmetricDecrypt({ key: ctx.context.secretConfig, data: kept.value })),
            );
            if (token === undefined || verifier === undefined) return { to: errorTo, error: 'access_denied' };
            const person = await orUndefined(consent.finish({ token, secret: requestSecret, verifier }));
            if (person === undefined) return { to: errorTo, error: 'service_failed' };
            const account = { providerId: X_SERVICE, accountId: person.userId };
            // X tells no address, see `xProvider`.
            const userInfo = {
              ...{ id: person.userId, name: person.handle, email: `${person.userId}@x.invalid`, emailVerified: false },
            };
            if (link !== undefined) {
              const session = await ctx.context.internalAdapter.findSession(link.sessionToken);
              const isLive = session?.user.id === link.userId && session.session.expiresAt.getTime() > clock.now();
              if (!isLive) return { to: errorTo, error: 'unable_to_link_account' };
              const linked = await linkOAuthAccount(ctx, { link, userInfo, account, profile: {}, scopes: undefined });
              return linked.linked
                ? { to: backTo, userId: link.userId, isLink: true, person }
                : { to: errorTo, error: linked.error.code };
            }
            try {
              const { data, error } = await handleOAuthUserInfo(ctx, { userInfo, account, callbackURL: backTo });
              if (data === null) return { to: errorTo, error: (error ?? 'unknown').replaceAll(' ', '_') };
              await setSessionCookie(ctx, data);
              return { to: backTo, userId: data.user.id, isLink: false, person };
            } catch (error) {
              if (error instanceof APIError && error.body?.code !== undefined)
                return { to: errorTo, error: error.body.code };
              throw error;
            }
          };
          return ctx.json(await answer());
        },
      ),
    },
  } as const;
}

/** A person is on their way in the browser: they get a page, not a problem document. */
async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof MistnetError) return undefined; // what X refused or did not answer: the page says to try again
    throw error;
  }
}

/** Beside the library's own names of cookies. */
const COOKIE = 'oauth1';

/** The token itself is as good as a key until it is spent. */
function identifierOf(token: string): string {
  return `${OAUTH1_WAY}:${createHash('sha256').update(token).digest('base64url')}`;
}
