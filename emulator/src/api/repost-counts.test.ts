import { expect, it } from 'vitest';
import { DocumentBuilder } from './objects/document.ts';
import { postRenderer } from './render-post.ts';
import { readStreamParameters } from './stream-parameters.ts';
import { DEFAULT_CHOICES } from '../uncertain/choices.ts';
import { SeededWorld } from '../world/seeded-world.ts';

const startAt = Date.UTC(2026, 10, 22, 13);
const world = new SeededWorld({ seed: 9, startAt, density: 40, accounts: 5000 });

interface Line {
  readonly data: { readonly id: string; readonly public_metrics: Record<string, number> };
}

it('a stream and later look-ups tell the counts of a repost alike: the reposts of the original, and nothing else', () => {
  const read = readStreamParameters(new URLSearchParams('tweet.fields=public_metrics'));
  if (!read.ok) throw new Error('parameters were refused');
  const render = postRenderer(world, read.parameters.fields);
  let grown = 0;
  for (let index = 3000; index < 3240; index++) {
    const post = world.sampled(index);
    if (post.kind !== 'repost' || post.about === undefined || !world.isSampleVisible(index)) continue;
    const { public_metrics: told } = (JSON.parse(render(post)) as Line).data;
    const { retweet_count, ...others } = told;
    const original = world.post(post.about);
    const isThere = original !== undefined && world.postStateAt(original, post.at) === 'public';
    if (isThere) expect(retweet_count).toBe([...world.repostsOf(post.about, {}, post.at)].length);
    expect(new Set(Object.values(others))).toEqual(new Set([0]));
    const shown = (at: number): Record<string, number> => {
      const viewer = { account: undefined, at };
      const builder = new DocumentBuilder(world, read.parameters.fields, viewer, DEFAULT_CHOICES);
      return (builder.post(post, 'id') as Line['data']).public_metrics;
    };
    expect(shown(post.at)).toEqual(told);
    const later = shown(post.at + 10 * 60_000);
    if ((later['retweet_count'] ?? 0) > (retweet_count ?? 0)) grown++;
    expect({ ...later, retweet_count }).toEqual(told);
  }
  expect(grown).toBeGreaterThan(15);
});
