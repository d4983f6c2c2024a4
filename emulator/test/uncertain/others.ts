import { asText, type Cases, type Json, type Wire } from './wire.ts';

/** RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const REDIRECT = 'http://127.0.0.1:9/callback';

/** v1.1, signing in, and accounts that come to be suspended. */
export const OTHER_CASES = {
  'post-of-suspended': {
    options: { scenario: 'suspend' },
    async ask(wire) {
      const { json } = await wire.call(`/2/tweets/${await postOfSuspended(wire)}`);
      return [Object.keys(json), json['errors']?.[0]?.['title']];
    },
    each: { 'not-found': [['errors'], 'Not Found Error'], forbidden: [['errors'], 'Forbidden'] },
  },
  'v1-status-of-suspended': {
    options: { scenario: 'suspend' },
    async ask(wire) {
      const { status, json } = await wire.call(`/1.1/statuses/show.json?id=${await postOfSuspended(wire)}`);
      return [status, json['errors']?.[0]?.['code']];
    },
    each: { '63': [403, 63], '144': [404, 144] },
  },
  'v1-suspended-timeline': {
    ask: (wire) => refusalOf(wire, `/1.1/statuses/user_timeline.json?screen_name=${wire.keys['user_suspended']}`),
    each: { '401': [401, 'Not authorized.', undefined], '403': [403, undefined, 63] },
  },
  'v1-suspended-follows': {
    ask: (wire) => refusalOf(wire, `/1.1/followers/ids.json?screen_name=${wire.keys['user_suspended']}`),
    each: { '401': [401, 'Not authorized.', undefined], '404': [404, undefined, 34] },
  },
  'v1-invalid-token': {
    async ask({ call }) {
      const { status, json } = await call('/1.1/users/show.json?screen_name=x', { token: 'wrong' });
      return [status, json['errors']?.[0]?.['code']];
    },
    each: { '401': [401, 89], '403': [403, 89] },
  },
  'v1-own-replies': {
    async ask({ call, find, keys }) {
      const author = String(keys['user_public_id']);
      const fields = 'tweet.fields=in_reply_to_user_id';
      const toSelf = await find(fields, (post) => asText(post['in_reply_to_user_id']) === author);
      const asked = `/1.1/statuses/user_timeline.json?user_id=${author}&count=200&exclude_replies=true&max_id=${asText(toSelf?.['id'])}`;
      const { json } = await call(asked);
      const shown = json as unknown as Json[];
      const ofOthers = shown.some((post) => ![null, author].includes(post['in_reply_to_user_id_str'] as never));
      return { own: shown.some(({ id_str }) => id_str === toSelf?.['id']), ofOthers };
    },
    each: { excluded: { own: false, ofOthers: false }, kept: { own: true, ofOthers: false } },
  },
  'failed-code': {
    async ask({ call, keys, url }) {
      const client = { client_id: String(keys['client_id']), redirect_uri: REDIRECT };
      const challenge = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
      const wish = { response_type: 'code', scope: 'tweet.read users.read', state: 'x', ...challenge, ...client };
      const form = new URLSearchParams({ ...wish, account: 'user_public', decision: 'allow' });
      const sent = await call('/i/oauth2/authorize', { body: String(form) });
      const code = new URL(sent.headers.get('location') ?? '').searchParams.get('code') ?? '';
      const exchange = async (code_verifier: string): Promise<number> => {
        const fields = { grant_type: 'authorization_code', code, code_verifier, ...client };
        // A Basic header would have to be right; a public client sends none.
        const body = new URLSearchParams(fields);
        return (await fetch(`${url}/2/oauth2/token`, { method: 'POST', body })).status;
      };
      return [await exchange('wrong'), await exchange(VERIFIER)];
    },
    each: { good: [400, 200], spent: [400, 400] },
  },
} satisfies Partial<Cases>;

async function postOfSuspended({ url, keys }: Wire): Promise<string> {
  const truth = `${url}/_emulator/truth/account/posts?account=${keys['user_public_id']}&limit=1`;
  return (await (await fetch(truth)).text()).trim();
}

async function refusalOf({ call }: Wire, path: string): Promise<unknown[]> {
  const { status, json } = await call(path);
  return [status, json['error'], json['errors']?.[0]?.['code']];
}
