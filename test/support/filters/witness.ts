/** A client of the emulator with an app of its own: it has a rule for each clause all the time, and remembers which posts each matched. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

export type Witness = AsyncDisposable & {
  /** What the platform is asked for, clause by clause, in a fixed order. */
  clauses: readonly string[];
  /** Whether only the platform can judge it. */
  isLone(clause: string): boolean;
  /** Clauses by post, as the emulator says. */
  posts: ReadonlyMap<string, readonly string[]>;
  /** The emulator's world's time, ms. */
  nowMs(): number;
};

const LONE = / -has:media$/;
/** So many posts are looked through for words. */
const SAMPLE = 2500;
/** The platform takes none of these alone. */
const STOP_WORDS = new Set(
  'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with you'.split(
    ' ',
  ),
);

export async function openWitness(url: string, wish: { lone: number; words: number }): Promise<Witness> {
  const ask = async <T>(path: string, token?: string, body?: object): Promise<T> => {
    const response = await fetch(new URL(path, url), {
      headers: {
        ...{ connection: 'close', 'content-type': 'application/json' },
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const words = await commonWords(url, Math.max(wish.lone, wish.words), STOP_WORDS);
  const clauses = [...words.slice(0, wish.lone).map((word) => `${word} -has:media`), ...words.slice(0, wish.words)];
  const keys = await ask<Record<string, string>>('/_emulator/apps', undefined, { name: 'witness' });
  const token = keys['bearer_token'];
  if (token === undefined) throw new Error(`no token in ${Object.keys(keys).join(', ')}`);
  for (let at = 0; at < clauses.length; at += 500)
    await ask('/2/tweets/search/stream/rules', token, {
      add: clauses.slice(at, at + 500).map((value) => ({ value, tag: value })),
    });
  const { now } = await ask<{ now: string }>('/_emulator/truth/world');
  const aheadMs = Date.now() - Date.parse(now);
  const posts = new Map<string, string[]>();
  let stream = await open(new URL('/2/tweets/search/stream', url), token);
  let isClosed = false;
  const take = (line: string) => {
    const { data, matching_rules: rules } = JSON.parse(line) as {
      data?: { id: string };
      matching_rules?: { tag: string }[];
    };
    if (data !== undefined && rules !== undefined)
      posts.set(
        data.id,
        rules.map(({ tag }) => tag),
      );
  };
  // Where it is dropped for being late, it goes on, and what it missed is not judged.
  const listen = () => {
    eachLine(stream, take);
    stream.once('close', () => {
      if (!isClosed) void again();
    });
  };
  const again = async () => {
    stream = await open(new URL('/2/tweets/search/stream', url), token);
    if (isClosed) stream.destroy();
    else listen();
  };
  listen();
  return {
    ...{ clauses, posts },
    isLone: (clause) => LONE.test(clause),
    nowMs: () => Date.now() - aheadMs,
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
      stream.destroy();
    },
  };
}

/** Words that posts of this world have, the most common first. */
async function commonWords(url: string, wanted: number, reserved: ReadonlySet<string>): Promise<string[]> {
  const stream = await open(new URL('/2/tweets/sample/stream', url), 'emulator-token');
  const counts = new Map<string, number>();
  let posts = 0;
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  eachLine(stream, (line) => {
    const { data } = JSON.parse(line) as { data?: { text: string } };
    const plain = (data?.text ?? '').replace(/\S*(https?:|[@#$&])\S*/g, ' ').toLowerCase();
    for (const word of new Set(plain.match(/(?<![\p{L}\p{N}_'’-])[a-z]{3,14}(?![\p{L}\p{N}_'’-])/gu) ?? []))
      counts.set(word, (counts.get(word) ?? 0) + 1);
    if (++posts === SAMPLE) resolve();
  });
  await enough;
  stream.destroy();
  const words = [...counts].filter(([word]) => !reserved.has(word)).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (words.length < wanted) throw new Error(`only ${words.length} words in ${posts} posts`);
  // Common and rare ones in both kinds.
  return words.slice(0, wanted).map((_, at) => words[(at * 7919) % wanted]?.[0] ?? '');
}

/** Blank lines, which only keep the connection alive, are left out. */
function eachLine(stream: IncomingMessage, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') take(line);
  });
}

async function open(url: URL, token: string): Promise<IncomingMessage> {
  const request = get(url, { headers: { authorization: `Bearer ${token}` }, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${url.pathname}: ${response.statusCode}`);
  request.on('error', () => undefined); // it is ended by us
  response.on('error', () => undefined);
  return response;
}
