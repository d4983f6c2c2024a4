/** Services that people can sign in by. */
import type { GenericOAuthConfig } from 'better-auth/plugins';
import { z } from 'zod';
import type { Secret } from '../../core/secret.ts';

/** `handleOf`: the name by which people know the account, of what the service tells about it. */
export type Service = GenericOAuthConfig & {
  name: string;
  handleOf: (profile: Record<string, unknown>) => unknown;
};

const X_SCOPES = ['tweet.read', 'users.read', 'offline.access'];
const PATIENCE_MS = 15_000;

const meSchema = z.object({ data: z.object({ id: z.string(), name: z.string(), username: z.string() }) });

/**
 * X by OAuth 2 with PKCE. X tells no address: the person is known by X's own id, and becomes a user only by linking or where strangers may.
 * Source: https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/authorization-code
 */
export function xProvider({
  clientId,
  clientSecret,
  apiUrl,
}: {
  clientId: string;
  clientSecret?: Secret;
  apiUrl: string;
}): Service {
  const { origin } = new URL(apiUrl);
  // The page that asks people is on the site, not on the API's host; an emulator has both.
  const site = origin === 'https://api.x.com' ? 'https://x.com' : origin;
  return {
    ...{ providerId: 'x', name: 'X', clientId, scopes: X_SCOPES, pkce: true },
    ...(clientSecret === undefined ? {} : { clientSecret: clientSecret.reveal(), authentication: 'basic' as const }),
    authorizationUrl: `${site}/i/oauth2/authorize`,
    tokenUrl: `${origin}/2/oauth2/token`,
    async getUserInfo({ accessToken }) {
      const reply = await fetch(`${origin}/2/users/me`, {
        headers: { authorization: `Bearer ${accessToken ?? ''}` },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (!reply.ok) return null;
      const { data } = meSchema.parse(await reply.json());
      const [handle, email] = [data.username, `${data.id}@x.invalid`];
      return { id: data.id, name: data.name, handle, email, emailVerified: false };
    },
    handleOf: ({ handle }) => handle,
  };
}

/** Any service that speaks OpenID Connect; its addresses come from its own description. */
export function oidcProvider(options: {
  issuer: string;
  clientId: string;
  clientSecret?: Secret;
  name: string;
}): Service {
  const { issuer, clientId, clientSecret, name } = options;
  return {
    ...{ providerId: 'oidc', name, clientId, scopes: ['openid', 'email', 'profile'], pkce: true },
    ...(clientSecret === undefined ? {} : { clientSecret: clientSecret.reveal(), authentication: 'basic' as const }),
    discoveryUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    requireIdTokenVerification: true,
    disableProviderLogout: true,
    mapProfileToUser: (profile) => ({ emailVerified: profile.email_verified === true }),
    handleOf: ({ preferred_username: username, email }) => username ?? email,
  };
}
