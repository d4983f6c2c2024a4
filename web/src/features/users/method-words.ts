/** By what somebody signs in, in words: `password, X`. */

/** `services`: those of OpenID Connect, by id. Two accounts of one service are one way in. */
export function methodWords(methods: readonly string[], services: readonly { id: string; name: string }[]): string {
  const named = methods.map((method) => serviceName(method, services));
  return named.length === 0 ? 'nothing yet' : [...new Set(named)].join(', ');
}

/** What a service is called; `password` stays what it is. */
export function serviceName(id: string, services: readonly { id: string; name: string }[]): string {
  if (id === 'x' || id === 'x-oauth1') return 'X';
  return services.find((each) => each.id === id)?.name ?? id;
}

/** A linked account as people know it, its id beside: `@ada (1457066684136292356)`. Names change, the id does not. */
export function linkedName({ provider, accountId, handle }: LinkedAccount): string {
  if (handle === null || handle === accountId) return accountId;
  return `${provider === 'x' ? '@' : ''}${handle} (${accountId})`;
}

type LinkedAccount = { provider: string; accountId: string; handle: string | null };

/** X tells no address: what stands in its place is for nobody to read or to write to. */
export function addressWords(email: string): string {
  return email.endsWith('.invalid') ? 'no address' : email;
}
