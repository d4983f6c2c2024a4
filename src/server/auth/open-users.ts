/** Users, sign-in and rights on a real database: what the server is given of them. */
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../../core/time.ts';
import type { Secret } from '../../core/secret.ts';
import { createHttpCaller } from '../../platforms/http-call.ts';
import { createMailer } from '../../platforms/mail/send-mail.ts';
import { xConsent } from '../../platforms/x/oauth1-consent.ts';
import type { Keyring } from '../../store/credentials/keyring.ts';
import type { Database } from '../../store/db.ts';
import { listInvitations } from '../../store/users/sign-in-links.ts';
import { forgetOldFailures } from '../../store/users/sign-in-throttle.ts';
import { noteHandle } from '../../store/users/sign-in-ways.ts';
import { type OpenUsers, userSources } from '../sources/users.ts';
import { type DatabaseCallers, databaseCallers } from './database-callers.ts';
import { keepOAuth1Tokens, keepTokens } from './keep-tokens.ts';
import { OAUTH1_WAY } from './oauth1-way.ts';
import { oidcProvider, xProvider } from './providers.ts';
import { setupCode, signInSecret } from './secrets.ts';
import { createSignInDesk } from './sign-in-desk.ts';

export type UsersOptions = {
  db: Database;
  clock: Clock;
  ring: Keyring;
  log: FastifyBaseLogger;
  publicUrl?: string;
  isDemo: boolean;
  /** `anybody`: strangers become viewers by signing in with a service. */
  strangers: 'invited' | 'anybody';
  xApiUrl: string;
  x?: { clientId: string; clientSecret?: Secret };
  /** X's app by OAuth 1.0a. */
  xLegacy?: { consumerKey: Secret; consumerSecret: Secret };
  oidc?: { issuer: string; clientId: string; clientSecret?: Secret; name: string };
  mail?: { url: Secret; from: string };
};

/** `setupCode`: what whoever is not at this machine needs to make the first administrator. Dispose of it when the server has ended. */
export async function openUsers(
  options: UsersOptions,
): Promise<{ users: OpenUsers; callers: DatabaseCallers; setupCode: string } & Disposable> {
  const { db, clock, ring, log, publicUrl, isDemo, strangers, x, xLegacy, oidc, xApiUrl, mail } = options;
  using opened = new DisposableStack();
  const http = opened.use(createHttpCaller());
  const desk = createSignInDesk({
    ...{ db, clock, log, secret: signInSecret(ring) },
    consent: xLegacy === undefined ? undefined : xConsent({ app: xLegacy, apiUrl: xApiUrl, http, clock }),
    providers: [
      ...(x === undefined ? [] : [xProvider({ ...x, apiUrl: xApiUrl })]),
      ...(oidc === undefined ? [] : [oidcProvider(oidc)]),
    ],
    async welcome({ email, emailVerified }) {
      // A checked address stands for the person who was invited at it.
      const invited = emailVerified
        ? (await listInvitations(db, clock)).find((each) => each.email === email.toLowerCase())
        : undefined;
      if (invited !== undefined) return { role: invited.role, name: invited.name };
      return strangers === 'anybody' ? { role: 'viewer' } : undefined;
    },
    onArrival: async ({ way, userId, tokens, account: { handle, ...account } }) => {
      if (handle !== undefined) await noteHandle(db, { ...account, handle });
      const keeping = { db, clock, ring, userId, tokens };
      if (way === 'x' && x !== undefined) await keepTokens({ ...keeping, app: x });
      if (way === OAUTH1_WAY && xLegacy !== undefined) await keepOAuth1Tokens({ ...keeping, app: xLegacy });
    },
  });
  const callers = databaseCallers({ db, clock, desk, publicUrl, isDemo });
  const mailer = mail === undefined ? undefined : opened.use(createMailer({ url: mail.url.reveal(), from: mail.from }));
  const code = setupCode(ring);
  await forgetOldFailures(db, clock);
  const kept = opened.move();
  return {
    users: userSources({ db, clock, desk, callers, publicUrl, isDemo, mailer, setupCode: code }),
    callers,
    setupCode: code,
    [Symbol.dispose]: () => kept.dispose(),
  };
}
