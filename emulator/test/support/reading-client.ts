import { doesNotMatch } from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { HAS_SPECIFICATIONS, Specification } from './specification.ts';
import type { Vocabulary } from '../../src/api/vocabulary.ts';
import { type Emulator, startEmulator } from '../../src/start-emulator.ts';
import { SeededWorld } from '../../src/world/seeded-world.ts';

type Keys = Readonly<Record<string, string>>;
export interface Thing {
  readonly id: string;
  readonly [key: string]: unknown;
}
interface Body {
  readonly data?: Thing | Thing[];
  readonly includes?: Readonly<Record<string, Thing[]>>;
  readonly errors?: Record<string, string>[];
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}
export interface Asked {
  readonly status: number;
  readonly body: Body;
  readonly path: string;
}

export const TWEET_FIELDS =
  'attachments,author_id,context_annotations,conversation_id,created_at,display_text_range,edit_controls,entities,geo,id,in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,reply_settings,source,text,withheld';
export const EVERYTHING =
  `tweet.fields=${TWEET_FIELDS}` +
  '&user.fields=connection_status,created_at,description,entities,location,most_recent_tweet_id,pinned_tweet_id,profile_image_url,protected,public_metrics,url,verified,verified_type' +
  '&media.fields=alt_text,duration_ms,height,preview_image_url,public_metrics,url,variants,width' +
  '&poll.fields=duration_minutes,end_datetime,voting_status&place.fields=country,country_code,geo,name,place_type' +
  '&expansions=attachments.media_keys,attachments.poll_ids,author_id,edit_history_tweet_ids,entities.mentions.username,geo.place_id,in_reply_to_user_id,entities.note.mentions.username,referenced_tweets.id,referenced_tweets.id.attachments.media_keys,referenced_tweets.id.author_id';
export const EVERY_USER_FIELD =
  'tweet.fields=author_id,created_at&user.fields=created_at,description,entities,location,most_recent_tweet_id,pinned_tweet_id,profile_image_url,protected,public_metrics,url,verified,verified_type&expansions=pinned_tweet_id,most_recent_tweet_id';
export const NOBODY = '999999999999999999';

/** The world that is read: it is the same for all. */
const WORLD = { accounts: 5000, rate: 5, seed: 5, start: new Date('2026-11-22T13:00:00Z') } as const;

/** An emulator that stands still, and ways of asking it. */
export class ReadingClient {
  readonly emulator: Emulator;
  readonly keys: Keys;
  readonly specification: Specification | undefined;

  constructor(emulator: Emulator, keys: Keys, specification: Specification | undefined) {
    this.emulator = emulator;
    this.keys = keys;
    this.specification = specification;
  }

  /** Asks with the app's token, and holds the answer against the specification. */
  async get(path: string, authorization = `Bearer ${this.keys['bearer_token']}`): Promise<Asked> {
    const response = await fetch(this.emulator.url + path, { headers: { authorization } });
    const text = await response.text();
    doesNotMatch(text, /:null\b|undefined/);
    const body = JSON.parse(text) as Body;
    this.specification?.expectValid('GET', path.split('?')[0] ?? '', response.status, body);
    return { status: response.status, body, path };
  }

  /** Asks as the user behind the OAuth 1.0a keys. */
  getAsUser(path: string): Promise<Asked> {
    return this.get(path, signed(this.keys, this.emulator.url + path));
  }
}

/** Starts an emulator of that world and a client for it. */
export async function startReading(vocabulary: Vocabulary = '2.166'): Promise<ReadingClient & AsyncDisposable> {
  const emulator = await startEmulator({ ...WORLD, vocabulary });
  const keys = (await (await fetch(`${emulator.url}/_emulator/credentials`)).json()) as Keys;
  const client = new ReadingClient(emulator, keys, HAS_SPECIFICATIONS ? new Specification(vocabulary) : undefined);
  return Object.assign(client, { [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose]() });
}

/** The same world, to be asked directly. */
export function worldRead(): SeededWorld {
  const { seed, start, rate, accounts } = WORLD;
  return new SeededWorld({ seed, startAt: start.getTime(), density: rate, accounts });
}

/** The newest posts of the busiest accounts, with everything. */
export async function postsOfMany(subject: ReadingClient): Promise<Thing[]> {
  const world = worldRead();
  const posts: Thing[] = [];
  for (let number = 0; number < 16; number++) {
    const account = world.account(number).id;
    posts.push(...list(await subject.get(`/2/users/${account}/tweets?max_results=100&${EVERYTHING}`)));
  }
  return posts;
}

/** `data` as a list, whatever it is. */
export const list = ({ body }: Asked): Thing[] =>
  Array.isArray(body.data) ? body.data : body.data === undefined ? [] : [body.data];

export const problem = (title: string, detail: string): unknown => expect.objectContaining({ title, detail });

/** An OAuth 1.0a header for a GET. */
function signed(keys: Keys, address: string): string {
  const url = new URL(address);
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const oauth: Record<string, string> = {
    oauth_consumer_key: keys['consumer_key'] ?? '',
    oauth_nonce: randomBytes(16).toString('hex'),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_token: keys['access_token'] ?? '',
    oauth_version: '1.0',
  };
  const parameters = [...Object.entries(oauth), ...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&');
  const base = `GET&${encode(url.origin + url.pathname)}&${encode(parameters)}`;
  const key = `${encode(keys['consumer_secret'] ?? '')}&${encode(keys['access_token_secret'] ?? '')}`;
  oauth['oauth_signature'] = createHmac('sha1', key).update(base).digest('base64');
  return `OAuth ${Object.entries(oauth)
    .map(([name, value]) => `${encode(name)}="${encode(value)}"`)
    .join(', ')}`;
}
