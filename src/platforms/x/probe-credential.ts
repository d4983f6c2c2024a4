/** What a key of X can do, tried on endpoints and questions that hand nothing out, so that the trial costs nothing. */
import { type HttpCaller, type HttpRequest } from '../http-call.ts';
import type { PooledCredential } from '../permit-source.ts';

export type Trial = { ability: string; ok: boolean; status: number; sentence: string };

/** Ids that nobody has: the platform answers whether it would answer. */
const TRIALS: { ability: string; path: string; as: 'app' | 'user' | 'both' }[] = [
  { ability: 'who it is', path: '/2/users/me', as: 'user' },
  { ability: 'usage figures', path: '/2/usage/tweets', as: 'app' },
  { ability: 'posts by id', path: '/2/tweets?ids=1', as: 'both' },
  { ability: 'accounts', path: '/2/users?ids=1', as: 'both' },
  { ability: 'timelines', path: '/2/users/1/tweets', as: 'both' },
  { ability: 'recent search', path: '/2/tweets/search/recent?query=conversation_id%3A1', as: 'both' },
  { ability: 'full archive', path: '/2/tweets/search/all?query=conversation_id%3A1', as: 'app' },
  { ability: 'followers', path: '/2/users/1/followers', as: 'both' },
  { ability: 'filtered stream', path: '/2/tweets/search/stream/rules', as: 'app' },
  { ability: 'v1.1', path: '/1.1/application/rate_limit_status.json?resources=statuses', as: 'both' },
];

const LIMITS = { timeoutMs: 15_000, maxBytes: 1024 * 1024 };

/** One trial after the other. A network that fails is a trial that failed, with its cause. */
export async function probeXCredential(
  credential: PooledCredential,
  { http, apiUrl, signal }: { http: HttpCaller; apiUrl: string; signal: AbortSignal },
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const { ability, path, as } of TRIALS) {
    if (as !== 'both' && as !== credential.kind) continue;
    const url = new URL(path, apiUrl);
    const end = await http.call({
      method: 'GET',
      url,
      headers: { authorization: credential.authorization({ method: 'GET', url }), 'user-agent': 'mistnet' },
      ...LIMITS,
      signal,
    });
    signal.throwIfAborted();
    if (end.kind === 'lost') trials.push({ ability, ok: false, status: 0, sentence: `no answer: ${end.cause}` });
    else {
      const { status, body } = end.answer;
      // A window that is used up proves that the key is let in.
      const ok = status === 200 || status === 404 || status === 429;
      trials.push({ ability, ok, status, sentence: sentenceOf(status, body) });
    }
  }
  return trials;
}

/** Exchanges an app's key and secret for its token. Answers with the token or with why there is none. */
export async function fetchAppToken(
  keys: { key: string; secret: string },
  { http, apiUrl, signal }: { http: HttpCaller; apiUrl: string; signal: AbortSignal },
): Promise<{ token: string } | { refused: string }> {
  const basic = Buffer.from(`${encodeURIComponent(keys.key)}:${encodeURIComponent(keys.secret)}`).toString('base64');
  const request: HttpRequest = {
    method: 'POST',
    url: new URL('/oauth2/token', apiUrl),
    headers: {
      authorization: `Basic ${basic}`,
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      'user-agent': 'mistnet',
    },
    body: 'grant_type=client_credentials',
    ...LIMITS,
    signal,
  };
  const end = await http.call(request);
  signal.throwIfAborted();
  if (end.kind === 'lost') return { refused: `no answer: ${end.cause}` };
  const token = (jsonOf(end.answer.body) as { access_token?: unknown }).access_token;
  if (end.answer.status === 200 && typeof token === 'string') return { token };
  return { refused: sentenceOf(end.answer.status, end.answer.body) };
}

function sentenceOf(status: number, body: Buffer): string {
  const value = jsonOf(body) as Record<string, unknown>;
  const first = (Array.isArray(value.errors) ? value.errors[0] : undefined) as Record<string, unknown> | undefined;
  const data = value.data as Record<string, unknown> | undefined;
  if (status === 200) return typeof data?.username === 'string' ? `@${data.username}` : 'answers';
  if (status === 429) return 'is let in; the window is used up at present';
  const words = [value.title, value.detail, first?.message, first?.code].filter(
    (word) => typeof word === 'string' || typeof word === 'number',
  );
  return `HTTP ${status}${words.length === 0 ? '' : `: ${[...new Set(words)].join(', ')}`}`;
}

function jsonOf(body: Buffer): object {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // the status says enough
  }
}
