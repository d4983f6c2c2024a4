import { expect, it } from 'vitest';
import { startEmulator } from '../src/start-emulator.ts';

const START = new Date('2026-11-22T13:00:00Z');
/** So slow that the instants at which the two are asked are the same for the world. */
const STANDING = { start: START, accounts: 20_000, clock: 0.01 } as const;

/** Everything that is asked for depends on `user_public` and what its newest posts are, which the seed says, too. */
async function bodies(seed: number): Promise<Map<string, string>> {
  await using emulator = await startEmulator({ ...STANDING, seed });
  const got = new Map<string, string>();
  const ask = async (path: string): Promise<string> => {
    const answer = await fetch(emulator.url + path, { headers: { authorization: 'Bearer emulator-token' } });
    const text = await answer.text();
    got.set(path, `${answer.status} ${text}`);
    return text;
  };
  const keys = JSON.parse(await ask('/_emulator/credentials')) as Record<string, string>;
  const id = keys['user_public_id'];
  const name = keys['user_public'];
  const posts = (await ask(`/_emulator/truth/account/posts?account=user_public&limit=60`)).trim().split('\n');
  const fields =
    'tweet.fields=attachments,created_at,entities,public_metrics,referenced_tweets,geo,note_tweet,edit_controls,withheld' +
    '&expansions=author_id,referenced_tweets.id,attachments.media_keys,attachments.poll_ids,geo.place_id' +
    '&user.fields=created_at,description,public_metrics,entities,pinned_tweet_id&media.fields=url,variants,public_metrics';
  for (const path of [
    `/2/users/by/username/${name}?user.fields=public_metrics,created_at,description,entities,location`,
    `/2/users/by?usernames=${[name, keys['user_suspended'], keys['user_deleted'], keys['user_protected']].join(',')}`,
    `/2/tweets?ids=${[...posts, '20'].join(',')}&${fields}`,
    `/2/users/${id}/tweets?max_results=100&${fields}`,
    `/2/users/${id}/mentions?max_results=50`,
    `/2/users/${id}/followers?max_results=200&user.fields=public_metrics`,
    `/2/users/${id}/following?max_results=200`,
    `/2/tweets/${posts[0]}/quote_tweets`,
    `/2/tweets/${posts[0]}/retweeted_by`,
    `/2/tweets/search/recent?query=from:${name}&max_results=20&start_time=2026-11-20T00:00:00Z&end_time=2026-11-22T12:00:00Z`,
    `/2/tweets/search/all?query=team&max_results=20&start_time=2026-11-20T00:00:00Z&end_time=2026-11-22T12:00:00Z`,
    `/2/tweets/counts/all?query=team&start_time=2026-11-20T00:00:00Z&end_time=2026-11-22T12:00:00Z`,
    `/1.1/statuses/user_timeline.json?user_id=${id}&count=100&tweet_mode=extended`,
    `/1.1/users/lookup.json?screen_name=${name},${keys['user_protected']}`,
    `/1.1/followers/ids.json?user_id=${id}&count=500`,
    `/1.1/friends/ids.json?user_id=${id}&count=500`,
    '/2/users/0',
    '/2/tweets?ids=x',
  ]) {
    await ask(path);
  }
  return got;
}

it('the same seed and start give the same bytes at every endpoint, another seed others', async () => {
  const [first, second, other] = [await bodies(12), await bodies(12), await bodies(13)];
  expect([...second.keys()]).toEqual([...first.keys()]);
  for (const [path, body] of first) expect(second.get(path), path).toBe(body);
  expect([...first.values()].filter((body) => body.startsWith('200')).length).toBeGreaterThan(16);
  // The instants of posts, and so their ids, follow from the start alone: what names nothing else may be the same.
  const common = [...other].filter(([path, body]) => first.get(path) === body && body.includes('"data"'));
  expect(common.map(([path]) => path)).toEqual([]);
});
