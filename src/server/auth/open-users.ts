/** Users, sign-in and rights on a real database: what the server is given of them. */
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../../core/time.ts';
import type { Secret } from '../../core/secret.ts';
import { createMailer } from '../../platforms/mail/send-mail.ts';
import type { Keyring } from '../../store/credentials/keyring.ts';
import type { Database } from '../../store/db.ts';
import { listInvitations } from '../../store/users/sign-in-links.ts';
import { forgetOldFailures } from '../../store/users/sign-in-throttle.ts';
import { type UserSources, userSources } from '../sources/users.ts';
import { type DatabaseCallers, databaseCallers } from './database-callers.ts';
import { keepTokens } from './keep-tokens.ts';
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
  oidc?: { issuer: string; clientId: string; clientSecret?: Secret; name: string };
  mail?: { url: Secret; from: string };
};

/** `setupCode`: what whoever is not at this machine needs to make the first administrator. Dispose of it when the server has ended. */
export async function openUsers(
  options: UsersOptions,
): Promise<{ users: UserSources; callers: DatabaseCallers; setupCode: string } & Disposable> {
  const { db, clock, ring, log, publicUrl, isDemo, strangers, x, oidc, xApiUrl, mail } = options;
  const desk = createSignInDesk({
    ...{ db, log, secret: signInSecret(ring) },
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
    onArrival: async ({ provider, userId, tokens }) => {
      if (provider === 'x' && x !== undefined) await keepTokens({ db, clock, ring, userId, tokens, app: x });
    },
  });
  const callers = databaseCallers({ db, clock, desk, publicUrl, isDemo });
  const mailer = mail === undefined ? undefined : createMailer({ url: mail.url.reveal(), from: mail.from });
  const code = setupCode(ring);
  await forgetOldFailures(db, clock);
  return {
    users: userSources({ db, clock, desk, callers, publicUrl, isDemo, mailer, setupCode: code }),
    callers,
    setupCode: code,
    [Symbol.dispose]: () => mailer?.[Symbol.dispose](),
  };
}
