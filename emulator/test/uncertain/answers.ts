import { asText, type Cases, type Json, type Wire } from './wire.ts';

const UNAVAILABLE = '{"title":"Service Unavailable","detail":"Service Unavailable","type":"about:blank","status":503}';
const TOO_MANY = '{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}';
const NOT_FOUND = '{"title":"Not Found","detail":"Not Found","type":"about:blank","status":404}';

/** How v2 answers refuse, and what they say of posts. */
export const ANSWER_CASES = {
  'problem-host': {
    options: { rate: 'max' },
    async ask({ call, lines, url }) {
      await fetch(`${url}/_emulator/faults`, { method: 'POST', body: '{"kind":"disconnect"}' });
      const told = [
        (await call('/2/users/abc')).text,
        (await call('/2/tweets?ids=20')).text,
        ...(await lines('/2/tweets/sample/stream', 1)),
      ];
      return told.map((text) => /"type":"https:\/\/([^/]+)/.exec(text)?.[1]);
    },
    each: {
      vocabulary: ['api.twitter.com', 'api.twitter.com', 'api.twitter.com'],
      'api.twitter.com': ['api.twitter.com', 'api.twitter.com', 'api.twitter.com'],
      'api.x.com': ['api.x.com', 'api.x.com', 'api.x.com'],
    },
  },
  'error-content-type': {
    async ask({ call }) {
      const types = [await call('/2/users/abc'), await call('/2/nothing'), await call('/2/tweets?ids=20')];
      return types.map(({ status, headers }) => [status, headers.get('content-type')]);
    },
    each: {
      json: [
        [400, 'application/json; charset=utf-8'],
        [404, 'application/json; charset=utf-8'],
        [200, 'application/json; charset=utf-8'],
      ],
      'problem+json': [
        [400, 'application/problem+json'],
        [404, 'application/problem+json'],
        [200, 'application/json; charset=utf-8'],
      ],
    },
  },
  'unknown-path': {
    async ask({ call }) {
      const { status, text } = await call('/2/nothing');
      return [status, text];
    },
    each: {
      problem: [404, NOT_FOUND],
      'code-34': [404, '{"errors":[{"code":34,"message":"Sorry, that page does not exist."}]}'],
      empty: [404, ''],
    },
  },
  'too-many-requests': {
    async ask({ call }) {
      await call('/_emulator/limits', { body: { limits: { 'GET /2/usage/tweets': { app: '1' } } } });
      await call('/2/usage/tweets');
      const { status, text } = await call('/2/usage/tweets');
      return [status, text];
    },
    each: {
      problem: [429, TOO_MANY],
      'code-88': [429, '{"errors":[{"code":88,"message":"Rate limit exceeded"}]}'],
    },
  },
  unavailable: {
    async ask({ call }) {
      await call('/_emulator/faults', { body: { kind: 'http-503' } });
      const { status, headers, text } = await call('/2/tweets/sample/stream');
      return [status, headers.get('content-type'), text.slice(0, 6), text === UNAVAILABLE];
    },
    each: {
      problem: [503, 'application/json; charset=utf-8', '{"titl', true],
      html: [503, 'text/html; charset=utf-8', '<html>', false],
      empty: [503, 'application/json; charset=utf-8', '', false],
    },
  },
  'wrong-kind-of-token': {
    ask: async ({ call }) => {
      const { status, json } = await call('/2/users/me');
      return [status, json['title']];
    },
    each: { unsupported: [403, 'Unsupported Authentication'], forbidden: [403, 'Forbidden'] },
  },
  'source-field': {
    options: { rate: 'max' },
    async ask(wire) {
      const [onStream] = await wire.posts('/2/tweets/sample/stream?tweet.fields=source', 1);
      const [read] = await timeline(wire, 'tweet.fields=source');
      return [onStream?.['data'], read].map((post) => 'source' in (post ?? {}));
    },
    each: { shown: [true, true], absent: [false, false] },
  },
  'edits-remaining': {
    options: { rate: 'max' },
    async ask(wire) {
      const [onStream] = await wire.posts('/2/tweets/sample/stream?tweet.fields=edit_controls', 1);
      const [read] = await timeline(wire, 'tweet.fields=edit_controls');
      return [onStream?.['data'], read].map((post) => typeof post?.['edit_controls']?.['edits_remaining']);
    },
    each: { number: ['number', 'number'], text: ['string', 'string'] },
  },
  'edit-window': {
    options: { rate: 'max' },
    async ask(wire) {
      const fields = 'tweet.fields=edit_controls,created_at';
      const [onStream] = await wire.posts(`/2/tweets/sample/stream?${fields}`, 1);
      const [read] = await timeline(wire, fields);
      const minutesOf = (post: Json | undefined): number =>
        (instantOf(post?.['edit_controls']?.['editable_until']) - instantOf(post?.['created_at'])) / 60_000;
      return [onStream?.['data'], read].map(minutesOf);
    },
    each: { hour: [60, 60], 'half-hour': [30, 30] },
  },
  'post-metrics': {
    options: { rate: 'max' },
    async ask(wire) {
      const [onStream] = await wire.posts('/2/tweets/sample/stream?tweet.fields=public_metrics', 1);
      const [read] = await timeline(wire, 'tweet.fields=public_metrics');
      return [onStream?.['data'], read].map((post) => Object.keys(post?.['public_metrics'] ?? {}).length);
    },
    each: { six: [6, 6], four: [4, 4] },
  },
  'empty-geo': {
    options: { rate: 'max' },
    async ask({ posts }) {
      const shown = (await posts('/2/tweets/sample/stream?tweet.fields=geo', 200)).map(({ data }) => data?.['geo']);
      return { empty: shown.includes(undefined) ? 'absent' : 'there', filled: shown.some((geo) => geo?.['place_id']) };
    },
    each: { absent: { empty: 'absent', filled: true }, 'on-streams': { empty: 'there', filled: true } },
  },
  'note-entities': {
    async ask({ find }) {
      const hasTag = (post: Json): boolean => /[#@]\w/.test(asText(post['note_tweet']?.['text']));
      const long = await find('tweet.fields=note_tweet', hasTag);
      return Object.keys(long?.['note_tweet'] ?? {});
    },
    each: { shown: ['text', 'entities'], absent: ['text'] },
  },
  'private-metrics': {
    async ask({ call, keys }) {
      const { json } = await call(
        `/2/users/${keys['user_public_id']}/tweets?max_results=5&tweet.fields=non_public_metrics`,
      );
      return json['errors']?.[0]?.['title'];
    },
    each: { error: 'Field Authorization Error', absent: undefined },
  },
  'earlier-versions': {
    async ask({ find, call }) {
      const edited = await find('', (post) => post['edit_history_tweet_ids']?.[1] !== undefined);
      const { json } = await call(`/2/tweets/${asText(edited?.['id'])}?expansions=edit_history_tweet_ids`);
      return Object.keys(json);
    },
    each: { included: ['data', 'includes'], absent: ['data'] },
  },
  'start-time': {
    ask: (wire) => foundAt(wire, 'start_time'),
    each: { inclusive: [true, true], exclusive: [false, false] },
  },
  'end-time': {
    ask: (wire) => foundAt(wire, 'end_time'),
    each: { exclusive: [false, false], inclusive: [true, true] },
  },
  'follow-order': {
    async ask({ call, keys, url }) {
      const account = String(keys['user_public']);
      const newestFirst = (await (await fetch(`${url}/_emulator/truth/account/followers?account=${account}`)).text())
        .trim()
        .split('\n');
      const paged: string[] = [];
      let previous: string | undefined;
      for (let token = ''; ; ) {
        const page = (await call(`/2/users/${keys['user_public_id']}/followers?max_results=7${token}`)).json;
        paged.push(...idsIn(page));
        const next = page['meta']?.['next_token'];
        previous = page['meta']?.['previous_token'] as unknown as string | undefined;
        if (next === undefined) break;
        token = `&pagination_token=${asText(next)}`;
      }
      const back = (
        await call(`/2/users/${keys['user_public_id']}/followers?max_results=7&pagination_token=${previous}`)
      ).json;
      const lastPage = paged.length % 7 === 0 ? 7 : paged.length % 7;
      return {
        newestFirst: isSame(paged, newestFirst),
        oldestFirst: isSame(paged, newestFirst.toReversed()),
        // The page before the last one comes again on the way back.
        back: isSame(idsIn(back), paged.slice(-lastPage - 7, -lastPage)),
      };
    },
    each: {
      'newest-first': { newestFirst: true, oldestFirst: false, back: true },
      'oldest-first': { newestFirst: false, oldestFirst: true, back: true },
    },
  },
  'excluded-posts': {
    async ask({ call, keys }) {
      const sizes: number[] = [];
      let ids: string[] = [];
      for (let token = ''; sizes.length < 40; ) {
        const path = `/2/users/${keys['user_public_id']}/tweets?max_results=5&exclude=retweets${token}`;
        const page = (await call(path)).json;
        sizes.push(idsIn(page).length);
        ids = [...ids, ...idsIn(page)];
        const next = page['meta']?.['next_token'];
        if (next === undefined) break;
        token = `&pagination_token=${asText(next)}`;
      }
      return { full: sizes.slice(0, -1).every((size) => size === 5), once: new Set(ids).size === ids.length };
    },
    each: { 'made-up': { full: true, once: true }, missing: { full: false, once: true } },
  },
  'usage-numbers': {
    ask: async ({ call }) => (await call('/2/usage/tweets')).json['data']?.['project_usage'],
    each: { vocabulary: 0, number: 0, text: '0' },
  },
  'usage-days': {
    ask: async ({ call }) =>
      (await call('/2/usage/tweets?usage.fields=daily_project_usage')).json['data']?.['daily_project_usage'],
    each: {
      specification: { project_id: 1001, usage: [{ date: '2026-11-22T00:00:00.000Z', usage: 0 }] },
      documents: [{ date: '2026-11-22', usage: [{ app_id: '1001', tweets_consumed: 0 }] }],
    },
  },
} satisfies Partial<Cases>;

/** The newest five posts of a public account. */
async function timeline({ call, keys }: Wire, query: string): Promise<readonly Json[]> {
  const { json } = await call(`/2/users/${keys['user_public_id']}/tweets?max_results=5&${query}`);
  return json['data'] as unknown as Json[];
}

/** Whether a timeline and a search that begin or end in the very second of a post hold it. */
async function foundAt(wire: Wire, bound: 'start_time' | 'end_time'): Promise<boolean[]> {
  const { call, keys } = wire;
  const posts = await timeline(wire, 'tweet.fields=created_at');
  // Search finds nothing of the last seconds.
  const post = posts.at(-1);
  const time = asText(post?.['created_at']);
  const query = `max_results=100&${bound}=${time}`;
  const pages = [
    await call(`/2/users/${keys['user_public_id']}/tweets?${query}`),
    await call(`/2/tweets/search/all?query=from:${keys['user_public']}&${query}`),
  ];
  return pages.map(({ json }) => idsIn(json).includes(asText(post?.['id'])));
}

function idsIn(page: Json): string[] {
  return ((page['data'] ?? []) as unknown as Json[]).map(({ id }) => asText(id));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.join() === b.join();
}

function instantOf(value: Json | undefined): number {
  return Date.parse(asText(value));
}
