import { describe, expect, it } from 'vitest';
import { tweetFieldLists } from './field-names.ts';
import { ParameterReader, Parameters, type ParameterRule } from './parameters.ts';

const RULES: readonly ParameterRule[] = [
  { name: 'id', kind: 'id', path: true, required: true },
  { name: 'ids', kind: 'ids', most: 3 },
  { name: 'usernames', kind: 'handles', most: 3 },
  { name: 'max_results', kind: 'integer', least: 5, most: 100, fallback: 10 },
  { name: 'start_time', kind: 'instant', notBefore: Date.UTC(2010, 10, 6) },
  { name: 'sort_order', kind: 'choice', values: ['recency', 'relevancy'], fallback: 'recency' },
  { name: 'exclude', kind: 'choices', values: ['replies', 'retweets'] },
  { name: 'query', kind: 'text', required: true },
];

const reader = new ParameterReader(RULES, tweetFieldLists('2.166'));
const newReader = new ParameterReader(RULES, tweetFieldLists('2.167'));

function accepted(query: string, id = '20', by = reader): Parameters {
  const read = by.read(new URLSearchParams(`query=x&${query}`), { id });
  if (!(read instanceof Parameters)) throw new Error(JSON.stringify(read.body));
  return read;
}

function complaints(
  query: string,
  id = '20',
  by = reader,
): { parameters: Record<string, string[]>; message: string }[] {
  const read = by.read(new URLSearchParams(query), { id });
  if (read instanceof Parameters) throw new Error(`accepted ${query}`);
  const body = read.body as { errors: { parameters: Record<string, string[]>; message: string }[] };
  expect({ ...body, errors: [] }).toEqual({
    errors: [],
    title: 'Invalid Request',
    detail: 'One or more parameters to your request was invalid.',
    type: 'https://api.twitter.com/2/problems/invalid-request',
  });
  expect(Object.keys(body)).toEqual(['errors', 'title', 'detail', 'type']);
  expect(read.status).toBe(400);
  return body.errors;
}

describe('parameters of v2', () => {
  it('are read by kind, with fallbacks for what is left out or blank', () => {
    const read = accepted(
      'ids=1,2,1&usernames=a,B_1&max_results=5&start_time=2020-02-29T01:02:03Z&sort_order=relevancy&exclude=replies',
    );
    expect(read.text('id')).toBe('20');
    expect(read.list('ids')).toEqual(['1', '2']);
    expect(read.list('usernames')).toEqual(['a', 'B_1']);
    expect(read.integer('max_results')).toBe(5);
    expect(read.instant('start_time')).toBe(Date.UTC(2020, 1, 29, 1, 2, 3));
    expect([read.choice('sort_order'), read.list('exclude'), read.text('query')]).toEqual([
      'relevancy',
      ['replies'],
      'x',
    ]);
    const blank = accepted('max_results=&tweet.fields=&exclude=');
    expect([blank.integer('max_results'), blank.instant('start_time'), blank.list('exclude')]).toEqual([
      10,
      undefined,
      [],
    ]);
    expect(blank.fields.tweet.size).toBe(0);
  });

  it('name fields in either vocabulary, and both together', () => {
    const read = accepted('tweet.fields=lang&post.fields=note_post,source&expansions=referenced_posts,author_id');
    expect([...read.fields.tweet]).toEqual(['lang', 'note_tweet', 'source']);
    expect([...read.fields.expansions]).toEqual(['referenced_tweets.id', 'author_id']);
    expect([...accepted('post.fields=referenced_tweets', '20', newReader).fields.tweet]).toEqual(['referenced_tweets']);
  });

  it.each(['4', '101', '-1', 'abc', '1.5', '99999999999', ' 7'])('refuse max_results=%s', (value) => {
    expect(complaints(`query=x&max_results=${value}`)).toEqual([
      {
        parameters: { max_results: [value] },
        message: `The \`max_results\` query parameter value [${value}] is not between 5 and 100`,
      },
    ]);
  });

  it.each([
    ['', 'x', 'id', 'The `id` query parameter value [x] is not valid'],
    ['', '12345678901234567890', 'id', 'The `id` query parameter value [12345678901234567890] is not valid'],
    ['ids=1,x', '1', 'ids', 'The `ids` query parameter value [x] is not valid'],
    ['ids=1,,2', '1', 'ids', 'The `ids` query parameter value [] is not valid'],
    ['ids=1,2,3,4', '1', 'ids', 'The number of values in the `ids` query parameter list [4] is not between 1 and 3'],
    [
      'usernames=a%20b',
      '1',
      'usernames',
      'The `usernames` query parameter value [a b] does not match ^[A-Za-z0-9_]{1,15}$',
    ],
    [
      'sort_order=up',
      '1',
      'sort_order',
      'The `sort_order` query parameter value [up] is not one of [recency,relevancy]',
    ],
    ['exclude=quotes', '1', 'exclude', 'The `exclude` query parameter value [quotes] is not one of [replies,retweets]'],
    [
      'start_time=2021-02-30T00:00:00Z',
      '1',
      'start_time',
      'The `start_time` query parameter value [2021-02-30T00:00:00Z] is not valid',
    ],
    ['start_time=yesterday', '1', 'start_time', 'The `start_time` query parameter value [yesterday] is not valid'],
    [
      'max_results=7&max_results=8',
      '1',
      'max_results',
      'Duplicate parameters are not allowed: the `max_results` query parameter',
    ],
    [
      'next=1',
      '1',
      'next',
      'The query parameter [next] is not one of [id,ids,usernames,max_results,start_time,sort_order,exclude,query,expansions,tweet.fields,media.fields,poll.fields,place.fields,user.fields]',
    ],
    [
      'place.fields=id,x',
      '1',
      'place.fields',
      'The `place.fields` query parameter value [x] is not one of [contained_within,country,country_code,full_name,geo,id,name,place_type]',
    ],
  ])('refuse %s of %s, as the platform words it', (query, id, name, message) => {
    const [error, ...others] = complaints(`query=x&${query}`, id);
    expect(others).toEqual([]);
    expect([Object.keys(error?.parameters ?? {}), error?.message]).toEqual([[name], message]);
  });

  it('show an instant that is too early as the platform does', () => {
    expect(complaints('query=x&start_time=2006-01-01T10:20:30Z')).toEqual([
      {
        parameters: { start_time: ['2006-01-01T10:20Z'] },
        message: "Invalid 'start_time':'2006-01-01T10:20Z'. 'start_time' must be on or after 2010-11-06T00:00Z",
      },
    ]);
  });

  it('say what is missing, left out or blank', () => {
    const message = 'The `query` query parameter can not be empty';
    expect(complaints('')).toEqual([{ parameters: { query: [] }, message }]);
    expect(complaints('query=')).toEqual([{ parameters: { query: [''] }, message }]);
  });

  it('are all complained about at once', () => {
    const errors = complaints('max_results=1&ids=x,y&next=1&tweet.fields=x&exclude=a,b&start_time=1', 'z');
    expect(errors.map(({ parameters }) => Object.keys(parameters)[0])).toEqual([
      'id',
      'max_results',
      'ids',
      'ids',
      'next',
      'tweet.fields',
      'exclude',
      'exclude',
      'start_time',
      'query',
    ]);
  });

  it('list post.fields in the newer words', () => {
    const [error] = complaints('query=x&bogus=1', '20', newReader);
    expect(error?.message).toMatch(/,expansions,post\.fields,media\.fields,/);
  });
});
