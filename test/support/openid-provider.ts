/** A service of an institution that people sign in by: a real OpenID Connect provider on this machine, and somebody who fills in its forms. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export type OpenIdProvider = AsyncDisposable & {
  issuer: string;
  client: { id: string; secret: string };
  /** Where mistnet has people sent back to; before anybody signs in. */
  allow(redirectUri: string): void;
  /** What its description says of itself; undefined: the truth. */
  claimIssuer(issuer: string | undefined): void;
  /** Signs somebody in as a person with a browser would, and agrees. Answers where it sends them. */
  enter(address: string, login: string): Promise<string>;
};

/** `addressOf`: what it knows of who signs in as that. */
export async function startOpenIdProvider(
  addressOf: (login: string) => { email: string; email_verified: boolean },
): Promise<OpenIdProvider> {
  let handle: RequestListener = (_request, response) => response.writeHead(503).end();
  let claimed: string | undefined;
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = { id: 'mistnet', secret: 'a secret of the institution' };
  return {
    ...{ issuer, client },
    allow(redirectUri) {
      const provider = new Provider(issuer, {
        clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri] }],
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        cookies: { keys: ['of a test'] },
        // Given, so that it does not speak of its own.
        ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
        findAccount: (_context: unknown, sub: string) => ({
          accountId: sub,
          claims: () => ({ sub, name: `Dr ${sub}`, ...addressOf(sub) }),
        }),
      });
      const answer = provider.callback();
      handle = (request, response) => {
        if (claimed === undefined || request.url !== '/.well-known/openid-configuration')
          return answer(request, response);
        void fetch(`${issuer}/.well-known/openid-configuration?`).then(async (truth) => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ ...((await truth.json()) as object), issuer: claimed }));
        });
      };
    },
    claimIssuer(said) {
      claimed = said;
    },
    async enter(address, login) {
      const jar = new Map<string, string>();
      let at = new URL(address);
      for (let step = 0; step < 12; step += 1) {
        const form = at.pathname.startsWith('/interaction/') ? await formOf(at, jar) : undefined;
        const reply = await ask(
          at,
          jar,
          form === undefined
            ? undefined
            : new URLSearchParams(form === 'login' ? { prompt: form, login, password: 'x' } : { prompt: form }),
        );
        const location = reply.headers.get('location');
        if (location === null) throw new Error(`${at.href}: ${reply.status} ${await reply.text()}`);
        at = new URL(location, at);
        if (at.origin !== issuer) return at.href;
      }
      throw new Error('the provider asks on and on');
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Which of its questions stands on the page. */
async function formOf(at: URL, jar: Map<string, string>): Promise<string> {
  const page = await (await ask(at, jar)).text();
  const [, prompt] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
  if (prompt === undefined) throw new Error(`no form: ${page}`);
  return prompt;
}

async function ask(at: URL, jar: Map<string, string>, body?: URLSearchParams): Promise<Response> {
  const reply = await fetch(at, {
    redirect: 'manual',
    headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
  for (const cookie of reply.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    jar.set(name, value);
  }
  return reply;
}
