import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linksOfPost } from './links-of-post.ts';

const of = (payload: object) => linksOfPost(JSON.stringify(payload));
const urlsOf = (payload: object) => of(payload).map(({ link, url }) => `${link} ${url}`);
const entity = (code: string, expanded?: string, more = {}) => ({
  url: `https://t.co/${code}`,
  ...(expanded === undefined ? {} : { expanded_url: expanded }),
  ...more,
});

describe('links of a v2 post', () => {
  it('are those that the platform lists, each once, with the address it says they stand for', () => {
    const urls = [
      entity('a', 'https://example.org/1#top'),
      entity('b', 'HTTP://Jack:pw@Example.org:80/2'),
      entity('c'),
      entity('a', 'https://example.org/1#top'),
    ];
    expect(of({ data: { id: '1', text: 'x https://t.co/zz', entities: { urls } } })).toEqual([
      { link: 'https://t.co/a', url: 'https://example.org/1', kind: 'url' },
      { link: 'https://t.co/b', url: 'http://example.org/2', kind: 'url' },
      { link: 'https://t.co/c', url: 'https://t.co/c', kind: 'url' },
    ]);
  });

  it.each(['note_tweet', 'note_post'])(
    'that is long (%s) are those of all of it, without the one to itself',
    (note) => {
      const data = {
        id: '7',
        text: 'cut … https://t.co/self',
        entities: { urls: [entity('self', 'https://twitter.com/i/web/status/7')] },
        [note]: { text: 'long', entities: { urls: [entity('a', 'https://example.org/1')] } },
      };
      expect(urlsOf({ data })).toEqual(['https://t.co/a https://example.org/1']);
    },
  );

  it('to media are the files, under the link that the text shows', () => {
    const page = 'https://twitter.com/jack/status/7/photo/1';
    const post = (urls: object[]) => ({
      data: { id: '7', text: '', attachments: { media_keys: ['3_1', '7_2'] }, entities: { urls } },
      includes: {
        media: [
          { media_key: '3_1', url: 'https://pbs.twimg.com/media/1.jpg' },
          { media_key: '7_2', preview_image_url: 'https://pbs.twimg.com/2.jpg' },
        ],
      },
    });
    const expected = [
      { link: 'https://t.co/m', url: 'https://pbs.twimg.com/media/1.jpg', kind: 'media' },
      { link: 'https://t.co/m', url: 'https://pbs.twimg.com/2.jpg', kind: 'media' },
    ];
    expect(of(post([entity('m', page)]))).toEqual(expected);
    expect(of(post([entity('m', page, { media_key: '3_1' }), entity('m', page, { media_key: '7_2' })]))).toEqual(
      expected,
    );
    const { data } = post([entity('m', page, { media_key: '3_1' })]);
    expect(of({ data })).toEqual([{ link: 'https://t.co/m', url: page, kind: 'media' }]); // without includes: its page
  });

  it.each([
    ['retweeted', 'referenced_tweets', 'tweets'],
    ['reposted', 'referenced_posts', 'posts'],
  ])('of a repost (%s) are those of what it repeats, whole where the payload has it', (type, references, included) => {
    const data = { id: '9', text: 'RT @a: cut https://t.co/ab…', [references]: [{ type, id: '7' }] };
    const original = {
      id: '7',
      text: 'x',
      entities: {
        urls: [
          entity('self', 'https://x.com/i/web/status/7'),
          entity('q', 'https://x.com/b/status/5'),
          entity('a', 'https://example.org/1'),
        ],
      },
    };
    const expected = ['https://t.co/q https://x.com/b/status/5', 'https://t.co/a https://example.org/1'];
    expect(urlsOf({ data, includes: { [included]: [original] } })).toEqual(expected);
    expect(urlsOf({ ...data, [references]: [{ type, ...original }] })).toEqual(expected); // flattened
    expect(of({ data })).toEqual([]);
  });
});

describe('links of a v1.1 status', () => {
  it('are those of the extended and of the repeated status, and the files of its media', () => {
    const media = [
      {
        url: 'https://t.co/m',
        media_url_https: 'https://pbs.twimg.com/media/1.jpg',
        expanded_url: 'https://twitter.com/a/status/7/photo/1',
      },
    ];
    const retweeted_status = {
      id_str: '7',
      truncated: true,
      text: 'cut… https://t.co/self',
      entities: { urls: [entity('self', 'https://twitter.com/i/web/status/7')] },
      extended_tweet: {
        full_text: 'all',
        entities: { urls: [entity('a', 'https://example.org/1')], media },
        extended_entities: { media },
      },
    };
    const expected = ['https://t.co/a https://example.org/1', 'https://t.co/m https://pbs.twimg.com/media/1.jpg'];
    expect(urlsOf(retweeted_status)).toEqual(expected);
    expect(urlsOf({ id_str: '9', text: 'RT @a: cut…', entities: { urls: [] }, retweeted_status })).toEqual(expected);
  });
});

describe('links in a text', () => {
  const inText = (text: string) => of({ data: { id: '1', text } }).map(({ url }) => url);
  it('are found where the platform lists none, without the stops of sentences', () => {
    expect(
      inText(
        'see https://example.org/a, (http://example.org/b_(c)) "https://example.org/d" https://example.org/e?x=1&amp;y=2.',
      ),
    ).toEqual([
      'https://example.org/a',
      'http://example.org/b_(c)',
      'https://example.org/d',
      'https://example.org/e?x=1&y=2',
    ]);
    expect(inText('見てhttps://t.co/abcこれ')).toEqual(['https://t.co/abc']);
    expect(of({ id_str: '1', full_text: 'https://example.org/a' })).toEqual([
      { link: 'https://example.org/a', url: 'https://example.org/a', kind: 'text' },
    ]);
  });

  it('that an ellipsis cuts are left out', () => {
    for (const text of [
      'RT @a: b https://t.co/ab…',
      'RT @a: b https://t.c…',
      'RT @a: b https:…',
      'RT @a: b http://example.org/lo…',
      'x https://t.co/ab...',
      'https://example.org/lo... more',
    ])
      expect([text, inText(text)]).toEqual([text, []]);
    expect(inText('https://t.co/whole RT https://t.co/ab…')).toEqual(['https://t.co/whole']);
    expect(inText('https://t.co/whole …')).toEqual(['https://t.co/whole']);
  });
});

describe('any payload', () => {
  it('gives an answer that a database can keep', () => {
    for (const payload of [
      '',
      'no json',
      '[]',
      'null',
      '{}',
      '{"data":5}',
      '{"data":{"id":"1","entities":{"urls":{"a":1}}}}',
      '{"data":{"id":"1","entities":{"urls":[null,5,{"url":5}]},"attachments":{"media_keys":[{}]}}}',
      '{"id_str":"1","entities":[],"extended_entities":{"media":[{}]}}',
    ])
      expect([payload, linksOfPost(payload)]).toEqual([payload, []]);
    const [odd] = of({
      data: { id: '1', entities: { urls: [{ url: 'https://t.co/\0\ud800', expanded_url: 'http://[\0bad' }] } },
    });
    expect(JSON.stringify(odd)).not.toMatch(/\\u0000|\\ud800/);
    const many = Array.from({ length: 5000 }, (_, n) => entity(String(n)));
    expect(of({ data: { id: '1', entities: { urls: many } } })).toHaveLength(1000);
  });

  const fixtures = join(import.meta.dirname, '../../../../shared/fixtures');
  it.skipIf(!existsSync(fixtures) && process.env.MISTNET_REQUIRE_ALL !== '1')(
    'that was recorded gives links that can be read, and no own page of the post (needs the recorded payloads beside the project)',
    () => {
      let posts = 0;
      let links = 0;
      for (const payload of recorded(fixtures)) {
        posts++;
        for (const { link, url } of linksOfPost(payload)) {
          links++;
          expect([url, URL.canParse(url)]).toEqual([url, true]);
          expect(link).not.toMatch(/…$/);
        }
      }
      expect(posts).toBeGreaterThan(500);
      expect(links).toBeGreaterThan(200);
    },
  );
});

/** Each object with an id of a post that stands in a recorded file, as a payload of its own. */
function* recorded(fixtures: string): Generator<string> {
  for (const folder of ['x-v1.1', 'x-v2'])
    for (const file of readdirSync(join(fixtures, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.jsonl?$/.test(file)) continue;
      const text = readFileSync(join(fixtures, folder, file), 'utf8');
      for (const part of file.endsWith('l') ? text.split('\n') : [text]) yield* postsIn(parsed(part));
    }
}

function* postsIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  const { id_str, id, text, full_text } = value as Record<string, unknown>;
  if (typeof (text ?? full_text) === 'string' && typeof id_str === 'string') yield JSON.stringify(value);
  else if (typeof text === 'string' && typeof id === 'string') yield JSON.stringify({ data: value });
  for (const each of Object.values(value)) yield* postsIn(each);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // some recordings are no JSON on purpose
  }
}
