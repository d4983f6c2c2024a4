/** A browser without a screen, for tests of routes: keeps cookies and sends those that a browser would. */

export type Visitor = ReturnType<typeof visitor>;

/** `token`: a program with an API token. `headers`: sent with every call. */
export function visitor(
  url: () => string,
  { token, headers = {} }: { token?: string; headers?: Record<string, string> } = {},
) {
  const jar = new Map<string, string>();
  const lax = new Set<string>();
  return {
    jar,
    /** `fromAnotherSite`: a link there was followed, with which strict cookies stay behind. */
    async call(
      method: string,
      path: string,
      body?: unknown,
      more: Record<string, string> = {},
      { fromAnotherSite = false } = {},
    ) {
      const sent = [...jar].filter(([name]) => !fromAnotherSite || lax.has(name));
      const reply = await fetch(`${url()}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(sent.length > 0 ? { cookie: sent.map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
          ...more,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      for (const cookie of reply.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (/max-age=0/i.test(cookie) || value === '') jar.delete(name);
        else jar.set(name, value);
        if (/samesite=lax/i.test(cookie)) lax.add(name);
      }
      const text = await reply.text();
      const isJson = reply.headers.get('content-type')?.includes('json') === true;
      return {
        status: reply.status,
        cookies: reply.headers.getSetCookie(),
        location: reply.headers.get('location') ?? '',
        // oxlint-disable-next-line no-explicit-any -- what a route replies is the test's to look into
        body: (isJson && text !== '' ? JSON.parse(text) : {}) as Record<string, any>,
      };
    },
    async signIn(email: string, password: string) {
      return await this.call('POST', '/api/v1/sign-in', { email, password });
    },
  };
}
