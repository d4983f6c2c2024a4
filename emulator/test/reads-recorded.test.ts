import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../src/start-emulator.ts';
import { SeededWorld } from '../src/world/seeded-world.ts';

const FOLDER = new URL('../../../shared/fixtures/x-v2/', import.meta.url);
const absent = !existsSync(FOLDER);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface Exchange {
  readonly request: { readonly uri: string };
  readonly response: { readonly status: { readonly code: number }; readonly json?: Json };
}

/** Bodies of recorded answers whose address fits. */
function recorded(fits: RegExp): Json[] {
  const bodies: Json[] = [];
  for (const folder of ['tweepy-cassettes/', 'sfm/']) {
    for (const name of readdirSync(new URL(folder, FOLDER)).filter((file) => file.endsWith('.json'))) {
      const text = readFileSync(new URL(folder + name, FOLDER), 'utf8');
      for (const { request, response } of JSON.parse(text) as Exchange[]) {
        if (fits.test(new URL(request.uri).pathname) && response.json !== undefined) bodies.push(response.json);
      }
    }
  }
  return bodies;
}

/** Pages of posts and accounts as a collector kept them; what it added is left out. */
function kept(): Json[] {
  const folder = new URL('twarc-csv/', FOLDER);
  const lines = readdirSync(folder).flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('\n'));
  return lines.flatMap((line): Json[] => {
    if (!line.startsWith('{"data')) return [];
    const page = parsed(line);
    if (page === undefined) return [];
    delete page['__twarc'];
    return [page];
  });
}

/** One of the files holds lines that their writer broke on purpose. */
function parsed(line: string): { [key: string]: Json } | undefined {
  try {
    return JSON.parse(line) as { [key: string]: Json };
  } catch {
    // Nothing to compare with.
    return undefined;
  }
}

/** Types by path, such as `data[].public_metrics.like_count` → number. */
function shapeOf(values: readonly Json[]): Map<string, string> {
  const shape = new Map<string, string>();
  const add = (value: Json, path: string): void => {
    if (Array.isArray(value)) for (const item of value) add(item, `${path}[]`);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) add(inner, `${path}.${key}`);
    } else shape.set(path, value === null ? 'null' : typeof value);
  };
  for (const value of values) add(value, '');
  return shape;
}

/** What came after the recordings, by the specification, and what they happen not to hold. */
const NEWER =
  /\.(bookmark_count|impression_count|like_count|media_count|verified_type|most_recent_tweet_id|display_text_range|variants|alt_text|note_tweet|edit_controls|editable_until|withheld|previous_token|coordinates|cashtags|media_key|polls|places|pinned_tweet_id|edit_history_tweet_ids|bbox|edits_remaining|is_edit_eligible|reply_settings)\b/;

let emulator: Emulator & AsyncDisposable;
let world: SeededWorld;
let token: string;
const options = { accounts: 5000, rate: 5, seed: 5, start: new Date('2026-11-22T13:00:00Z') } as const;

beforeAll(async () => {
  emulator = await startEmulator(options);
  const { seed, start, rate, accounts } = options;
  world = new SeededWorld({ seed, startAt: start.getTime(), density: rate, accounts });
  token = ((await (await fetch(`${emulator.url}/_emulator/credentials`)).json()) as { bearer_token: string })
    .bearer_token;
});
afterAll(() => emulator[Symbol.asyncDispose]());

async function get(path: string): Promise<Json> {
  const response = await fetch(emulator.url + path, { headers: { authorization: `Bearer ${token}` } });
  return (await response.json()) as Json;
}

function expectLike(ours: readonly Json[], theirs: readonly Json[], mayLack: RegExp): void {
  const shape = shapeOf(ours);
  const wanted = shapeOf(theirs);
  expect(wanted.size).toBeGreaterThan(0);
  const strange = [...shape].filter(([path, type]) => wanted.get(path) !== type && !NEWER.test(path));
  expect(strange, 'keys or types that no recording has').toEqual([]);
  const missing = [...wanted.keys()].filter((path) => !shape.has(path) && !mayLack.test(path));
  expect(missing, 'keys of the recordings that we lack').toEqual([]);
}

const FIELDS =
  'tweet.fields=attachments,author_id,conversation_id,created_at,entities,geo,in_reply_to_user_id,lang,possibly_sensitive,public_metrics,referenced_tweets,reply_settings,source,edit_controls,withheld' +
  '&user.fields=created_at,description,entities,location,pinned_tweet_id,profile_image_url,protected,public_metrics,url,username,verified' +
  '&media.fields=alt_text,duration_ms,height,media_key,preview_image_url,type,url,width,public_metrics' +
  '&poll.fields=duration_minutes,end_datetime,id,options,voting_status&place.fields=country,country_code,full_name,geo,id,name,place_type' +
  '&expansions=author_id,in_reply_to_user_id,referenced_tweets.id,referenced_tweets.id.author_id,entities.mentions.username,attachments.poll_ids,attachments.media_keys,geo.place_id,edit_history_tweet_ids';
/** The world has no topics, annotations, pictures of linked pages, or lists of places; banners, tags in profiles and accounts withheld neither. */
const OURS_LACK =
  /users\[\]\.withheld|context_annotations|annotations|urls\[\]\.(images|title|description|status|unwound_url)|contained_within|entities\.description|profile_banner_url|\.errors|scopes|withheld\.scope|media_source|matching_rules|\.meta\.|\.geo\.properties/;

describe.skipIf(absent)('answers compared with recordings (skipped: the recordings are absent)', () => {
  const busy = (number: number): string => world.account(number).id;

  it('of timelines, searches and follows with everything asked for: the same keys and types', async () => {
    const ours: Json[] = [];
    for (let n = 0; n < 60; n++) ours.push(await get(`/2/users/${busy(n)}/tweets?max_results=100&${FIELDS}`));
    for (let n = 0; n < 3; n++) {
      ours.push(
        await get(
          `/2/users/${busy(n)}/followers?max_results=300&${FIELDS.replace(/&expansions=.*/, '&expansions=pinned_tweet_id').replace(/&(media|poll|place)\.fields=[^&]*/g, '')}`,
        ),
      );
    }
    const theirs = [...kept(), ...recorded(/^\/2\/(users\/\d+\/tweets|tweets\/search\/recent)$/)];
    expect(theirs.length).toBeGreaterThan(10);
    // Some of their pages are of counts, and some of users whose cards say more than ours.
    expectLike(ours, theirs, new RegExp(`${OURS_LACK.source}|^\\.data\\[\\]\\.(tweet_count|start|end)$|^\\.data\\.`));
  });

  it('of lookups and follows as a client without wishes gets them', async () => {
    const self = busy(3);
    const [post] = world.postsOf(3, {}, options.start.getTime());
    const pairs: readonly (readonly [string, RegExp])[] = [
      [`/2/users/${self}`, /^\/2\/users\/\d+$/],
      [`/2/users?ids=${self}`, /^\/2\/users$/],
      [`/2/users/by?usernames=${world.handleAt(3, world.now())}`, /^\/2\/users\/by$/],
      [`/2/users/${self}/following?max_results=2`, /^\/2\/users\/\d+\/following$/],
      [`/2/tweets/${post?.id}`, /^\/2\/tweets\/\d+$/],
      [`/2/tweets?ids=${post?.id}`, /^\/2\/tweets$/],
    ];
    let compared = 0;
    for (const [path, fits] of pairs) {
      const theirs = recorded(fits);
      if (theirs.length === 0) continue;
      compared++;
      expectLike([await get(path)], theirs, /\.meta\.|\.errors|\.includes/);
    }
    expect(compared).toBeGreaterThanOrEqual(3);
  });
});
