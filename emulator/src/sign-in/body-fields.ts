import type { Exchange } from '../http/exchange.ts';

/** The fields of a body, as a form or as a JSON object of texts: clients send both. What can't be read has none. */
export async function bodyFields(exchange: Exchange): Promise<URLSearchParams> {
  if (!/^application\/json\b/i.test(exchange.request.headers['content-type'] ?? '')) return exchange.form();
  const fields = new URLSearchParams();
  try {
    const value = JSON.parse(await exchange.body()) as unknown;
    if (typeof value !== 'object' || value === null) return fields;
    for (const [name, text] of Object.entries(value)) if (typeof text === 'string') fields.set(name, text);
  } catch (error) {
    // Not JSON: its fields will be missed. Too long a body is answered elsewhere.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return fields;
}
