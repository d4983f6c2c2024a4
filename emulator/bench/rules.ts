/**
 * How many posts a second one core holds against a thousand rules. `node emulator/bench/rules.ts [--rules 1000] [--posts 20000]
 * [--common] [--scan]` prints JSON. Rates are per second of this process's CPU time, so that a busy machine counts for less.
 * `--common`: the rules ask for the most frequent words as well, which real ones avoid. `--scan`: beside it the same rules tried one
 * after the other, without an index; both must find the same.
 *
 * Rules and posts are random and always the same: words as unevenly frequent as in a language, half of the posts reposts or quotes,
 * rules as people write them (terms with synonyms, exclusions, accounts, tags, phrases, languages); one rule in fifty can't be indexed.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { compileNode } from '../src/query/compile-query.ts';
import { parseQuery } from '../src/query/parse-query.ts';
import { PostView } from '../src/query/post-view.ts';
import { queryOptions } from '../src/query/query-options.ts';
import type { QueryPost } from '../src/query/query-post.ts';
import { RuleSet } from '../src/query/rule-set.ts';
import { sampleAuthor, samplePost } from '../src/query/sample-post.ts';
import { matchesStatusFilter, parseStatusFilter } from '../src/query/status-filter.ts';

const { values } = parseArgs({
  options: {
    rules: { type: 'string', default: '1000' },
    posts: { type: 'string', default: '20000' },
    common: { type: 'boolean', default: false },
    scan: { type: 'boolean', default: false },
  },
});

const VOCABULARY = 50_000;
const ACCOUNTS = 100_000;
const options = queryOptions('stream');
const random = randomFrom(1);
const ruleTexts = Array.from({ length: Number(values.rules) }, (_, index) => ruleText(index));
const posts = Array.from({ length: Number(values.posts) }, () => post(2));

const rules = new RuleSet(options);
const parsing = measure(() => {
  for (const [index, value] of ruleTexts.entries()) rules.add({ id: String(index), value, tag: undefined });
});
for (const each of posts.slice(0, 2000)) rules.match(each);
let matched = 0;
const matching = measure(() => {
  for (const each of posts) matched += rules.match(each).length;
});
const filter = parseStatusFilter({
  track: Array.from({ length: 400 }, () => `${topic()} ${topic()}`).join(','),
  follow: Array.from({ length: 5000 }, () => account()).join(','),
});
let filtered = 0;
const filtering = measure(() => {
  for (const each of posts) if (matchesStatusFilter(filter, each)) filtered++;
});

const result = {
  bench: 'rules',
  question: 'posts a second held against the rules of a filtered stream, on one core',
  node: process.version,
  cpu: cpus()[0]?.model,
  rules: rules.size,
  posts: posts.length,
  rulesParsedPerSecond: rate(rules.size, parsing),
  postsPerSecond: rate(posts.length, matching),
  matchesPerPost: matched / posts.length,
  oldFilterPostsPerSecond: rate(posts.length, filtering),
  oldFilterShare: filtered / posts.length,
  ...(values.scan ? { scan: scan() } : {}),
};
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);

function scan(): object {
  const predicates = rules.list().map(({ value }) => compileNode(parseQuery(value, 'stream'), options));
  let hits = 0;
  const seconds = measure(() => {
    for (const each of posts) {
      const view = new PostView(each, options);
      for (const matches of predicates) if (matches(view)) hits++;
    }
  });
  if (hits !== matched) throw new Error(`the index found ${matched} matches, trying every rule ${hits}`);
  return { postsPerSecond: rate(posts.length, seconds) };
}

function ruleText(index: number): string {
  if (index % 50 === 49) return `min_followers:${900_000 + index} -${topic()}`;
  const kinds = [
    () => `(${topic()} OR ${topic()} OR ${topic()}) lang:en -is:retweet -${topic()}`,
    () => `"${topic()} ${topic()}" OR #${topic()}`,
    () => `${topic()} ${topic()} has:media`,
    () => `from:${account()} OR retweets_of:${account()} OR to:${account()}`,
    () => `@w${account()} (${topic()} OR ${topic()}) -has:links`,
    () => `(#${topic()} OR #${topic()} OR "${topic()} ${topic()}"~3) (lang:de OR lang:en)`,
    () => `url:"example.com/${topic()}" OR url_contains:${topic()} ${topic()}`,
  ];
  return kinds[index % kinds.length]?.() ?? topic();
}

function post(depth: number): QueryPost {
  const id = account();
  const inner = depth > 0 && random() < 0.5 ? post(depth - 1) : undefined;
  const isRepost = random() < 0.8;
  const text = Array.from({ length: 8 + Math.floor(random() * 24) }, () => word()).join(' ');
  const path = word();
  return samplePost({
    id: String(1583574411220938752n + BigInt(Math.floor(random() * 1e12))),
    text:
      inner !== undefined && isRepost
        ? `RT @w${inner.author.id}: ${inner.text.slice(0, 120)}…`
        : `${text} 😀 #${path} https://t.co/${path}`,
    author: sampleAuthor({ id, handle: `w${id}`, followers: Math.floor(random() ** 4 * 1_000_000) }),
    language: random() < 0.4 ? 'en' : 'ja',
    hashtags: random() < 0.2 ? [word()] : [],
    mentions: random() < 0.4 ? [{ id: account(), handle: `w${account()}` }] : [],
    links:
      random() < 0.3
        ? [
            {
              shortUrl: `https://t.co/${path}`,
              expandedUrl: `https://example.com/${path}`,
              unwoundUrl: undefined,
              title: undefined,
              description: undefined,
            },
          ]
        : [],
    repostOf: isRepost ? inner : undefined,
    quoteOf: isRepost ? undefined : inner,
  });
}

/** Word n of a language occurs about 1/n as often as the first. */
function word(from = 1): string {
  return `z${Math.floor(from * (VOCABULARY / from) ** random()).toString(36)}`;
}

/** A word that a rule asks for: not one of the two hundred that every other post holds. */
function topic(): string {
  return word(values.common ? 1 : 200);
}

function account(): string {
  return String(1 + Math.floor(random() * ACCOUNTS));
}

/** Seconds of CPU time. */
function measure(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function rate(count: number, seconds: number): number {
  return Math.round(count / seconds);
}

/** A small generator, the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
