/** A person's token of OAuth 2 lives for two hours; with it comes another one, good once, that buys the next pair. */
import type { HttpCaller } from '../http-call.ts';

export type RefreshKeys = { clientId: string; clientSecret?: string | undefined; refreshToken: string };

/** `fresh`: the token that was sent is used up. `unanswered`: nobody knows whether it is. */
export type Refreshed =
  | { kind: 'fresh'; accessToken: string; refreshToken: string; expiresInSec: number }
  | { kind: 'refused'; sentence: string }
  | { kind: 'unanswered'; cause: string };

const LIMITS = { timeoutMs: 15_000, maxBytes: 1024 * 1024 };

/** POST /2/oauth2/token. With a client secret it is sent in the Basic header, as confidential clients must. */
export async function refreshToken(
  { clientId, clientSecret, refreshToken: token }: RefreshKeys,
  { http, apiUrl, signal }: { http: HttpCaller; apiUrl: string; signal: AbortSignal },
): Promise<Refreshed> {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: clientId });
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret ?? '')}`);
  const end = await http.call({
    method: 'POST',
    url: new URL('/2/oauth2/token', apiUrl),
    headers: {
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      'user-agent': 'mistnet',
      ...(clientSecret === undefined ? {} : { authorization: `Basic ${basic.toString('base64')}` }),
    },
    body: form.toString(),
    ...LIMITS,
    signal,
  });
  if (end.kind === 'lost') return { kind: 'unanswered', cause: end.cause };
  const { status, body } = end.answer;
  const said = objectOf(body);
  const { access_token: accessToken, refresh_token: next, expires_in: expiresInSec } = said;
  if (status === 200 && typeof accessToken === 'string')
    return {
      kind: 'fresh',
      accessToken,
      refreshToken: typeof next === 'string' ? next : token,
      expiresInSec: typeof expiresInSec === 'number' ? expiresInSec : 0,
    };
  const words = [said.error, said.error_description].filter((word) => typeof word === 'string').join(', ');
  if (status === 400 || status === 401 || status === 403)
    return { kind: 'refused', sentence: `HTTP ${status}${words === '' ? '' : `: ${words}`}` };
  return { kind: 'unanswered', cause: `HTTP ${status}` };
}

function objectOf(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // the status says enough
  }
}
