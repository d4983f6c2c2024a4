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

/** X tells no address: what stands in its place is for nobody to read or to write to. */
export function addressWords(email: string): string {
  return email.endsWith('.invalid') ? 'no address' : email;
}
