/**
 * A person's consent by OAuth 1.0a: a request token, the person at X, the person's own token.
 * Source: https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens
 */
import { randomBytes } from 'node:crypto';
import { MistnetError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import type { HttpCaller } from '../http-call.ts';
import { oauth1Header } from './oauth1.ts';

/** `secret` signs the exchange: it stays here. `url`: where the person is asked. */
export type ConsentRequest = { token: string; secret: string; url: string };

export type ConsentedPerson = { userId: string; handle: string; accessToken: string; accessTokenSecret: string };

export type XConsent = {
  /** `callback`: where X sends the person back to. Throws `platform.unreachable` and `platform.refused`. */
  begin(callback: string): Promise<ConsentRequest>;
  /** Works once for each request token. Throws `platform.unreachable` and `platform.refused`. */
  finish(request: { token: string; secret: string; verifier: string }): Promise<ConsentedPerson>;
};

const PATIENCE_MS = 15_000;
const MAX_BYTES = 16_384;

export function xConsent(options: {
  app: { consumerKey: Secret; consumerSecret: Secret };
  apiUrl: string;
  http: HttpCaller;
  clock: Clock;
}): XConsent {
  const { app, http, clock } = options;
  const { origin } = new URL(options.apiUrl);
  const appKeys = { consumerKey: app.consumerKey.reveal(), consumerSecret: app.consumerSecret.reveal() };

  /** The fields of the answer, every one of `names` among them. */
  async function ask<Name extends string>(
    path: string,
    more: Record<`oauth_${string}`, string>,
    person: { token?: string; tokenSecret?: string },
    names: readonly Name[],
  ): Promise<Record<Name, string>> {
    const url = new URL(path, origin);
    const stamp = { timestampS: Math.floor(clock.now() / 1000), nonce: randomBytes(16).toString('hex') };
    const authorization = oauth1Header({ ...appKeys, ...person }, { method: 'POST', url, more }, stamp);
    const end = await http.call({
      ...{ method: 'POST', url, headers: { authorization }, timeoutMs: PATIENCE_MS, maxBytes: MAX_BYTES },
      signal: new AbortController().signal,
    });
    if (end.kind === 'lost') throw new MistnetError('platform.unreachable', `X did not answer: ${end.cause}.`);
    if (end.answer.status !== 200) throw refused(`answered ${path} with ${end.answer.status}`);
    const fields = new URLSearchParams(end.answer.body.toString());
    const given = Object.fromEntries(names.map((name) => [name, fields.get(name) ?? ''])) as Record<Name, string>;
    if (names.some((name) => given[name] === '')) throw refused(`answered ${path} without ${names.join(', ')}`);
    return given;
  }

  return {
    async begin(callback) {
      const wanted = ['oauth_token', 'oauth_token_secret', 'oauth_callback_confirmed'] as const;
      const given = await ask('/oauth/request_token', { oauth_callback: callback }, {}, wanted);
      if (given.oauth_callback_confirmed !== 'true') throw refused('did not confirm the callback');
      const url = new URL('/oauth/authenticate', origin);
      url.searchParams.set('oauth_token', given.oauth_token);
      return { token: given.oauth_token, secret: given.oauth_token_secret, url: url.href };
    },
    async finish({ token, secret, verifier }) {
      const wanted = ['oauth_token', 'oauth_token_secret', 'user_id', 'screen_name'] as const;
      const person = { token, tokenSecret: secret };
      const given = await ask('/oauth/access_token', { oauth_verifier: verifier }, person, wanted);
      if (!/^[1-9]\d{0,19}$/.test(given.user_id)) throw refused('named nobody');
      return {
        ...{ userId: given.user_id, handle: given.screen_name },
        ...{ accessToken: given.oauth_token, accessTokenSecret: given.oauth_token_secret },
      };
    },
  };
}

function refused(what: string): MistnetError {
  return new MistnetError('platform.refused', `X ${what}.`);
}
