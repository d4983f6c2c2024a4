import { describe, expect, it } from 'vitest';
import { FIRST_DIALECT, fieldParameters, learnDialect } from './dialect.ts';
import { readXRefusal } from './read-refusal.ts';
import { readLegacy } from './v1-page.ts';
import { readV2 } from './v2-page.ts';

const answer = (body: unknown, status = 200) => ({
  ...{ status, headers: {} },
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});

const problem = (detail: string, more: object) => ({
  ...{ detail, title: 'Not Found Error', resource_type: 'tweet', parameter: 'ids', value: '1', resource_id: '1' },
  type: 'https://api.twitter.com/2/problems/resource-not-found',
  ...more,
});

const timeline = { endpoint: '/2/users/:id/tweets', handout: 'posts', subject: { kind: 'account', id: '7' } } as const;

describe('an answer of v2', () => {
  it('is a page in both vocabularies, and in the newer one as in the older', () => {
    for (const words of ['tweets', 'posts']) {
      const reading = readV2(
        timeline,
        answer({ data: [{ id: '1' }], includes: { [words]: [{ id: '2' }] }, meta: { next_token: 't' } }),
      );
      expect(reading).toMatchObject({
        page: { posts: [{ postId: '1' }], next: 't', billed: 1, envelope: { includes: { [words]: [{ id: '2' }] } } },
      });
    }
    const counts = { endpoint: '/2/tweets/counts/recent', handout: 'counts' } as const;
    for (const word of ['tweet_count', 'post_count'])
      expect(readV2(counts, answer({ data: [{ start: 'a', end: 'b', [word]: 5 }] }))).toMatchObject({
        page: { counts: [{ start: 'a', end: 'b', count: 5 }], billed: 1 },
      });
  });

  it('is an empty page when nothing matched', () => {
    expect(readV2(timeline, answer({ meta: { result_count: 0 } }))).toMatchObject({
      kind: 'page',
      page: { posts: [], billed: 0 },
    });
  });

  it('says of each thing why it is not there, with the words of the platform', () => {
    const lookup = { endpoint: '/2/tweets', handout: 'posts' } as const;
    const reading = readV2(
      lookup,
      answer({
        data: [{ id: '9' }],
        errors: [
          problem('Could not find tweet with ids: [1].', {}),
          problem('Sorry, you are not authorized to see the Tweet with ids: [2].', {
            ...{
              title: 'Authorization Error',
              value: '2',
              type: 'https://api.x.com/2/problems/not-authorized-for-resource',
            },
          }),
          problem('User has been suspended: [3].', {
            title: 'Forbidden',
            value: '3',
            resource_type: 'user',
            parameter: 'author_id',
          }),
          problem('no', {
            title: 'Field Authorization Error',
            type: '/2/problems/not-authorized-for-field',
            value: '4',
          }),
          problem('Something new', { type: '/2/problems/something-new', value: '5' }),
        ],
      }),
    );
    const outcomes = reading.kind === 'page' ? reading.page.outcomes : [];
    expect(outcomes.map(({ kind, id, outcome, isAsked }) => [kind, id, outcome, isAsked])).toEqual([
      ['post', '1', 'not_found', true],
      ['post', '2', 'protected', true],
      ['account', '3', 'suspended', false],
      ['post', '5', 'error', true],
    ]);
    expect(outcomes[1]?.evidence).toEqual({
      ...{ endpoint: '/2/tweets', status: 200, code: 'not-authorized-for-resource' },
      sentence: 'Sorry, you are not authorized to see the Tweet with ids: [2].',
    });
  });

  it('tells a handle of digits from an id by the parameter', () => {
    const reading = readV2(
      { endpoint: '/2/users/by', handout: 'accounts' },
      answer({ errors: [problem('x', { resource_type: 'user', parameter: 'usernames', value: '123' })] }),
    );
    expect(reading).toMatchObject({ page: { outcomes: [{ kind: 'account', handle: '123', isAsked: true }] } });
  });

  it('names the account when its list cannot be read', () => {
    const gone = problem('Sorry, you are not authorized to see the user with id: [7].', {
      ...{ title: 'Authorization Error', resource_type: 'user', parameter: 'id', value: '7', resource_id: '7' },
      type: 'https://api.twitter.com/2/problems/not-authorized-for-resource',
    });
    expect(readV2(timeline, answer({ errors: [gone] }))).toMatchObject({
      page: { subject: { outcome: 'protected', id: '7' } },
    });
    expect(readV2(timeline, answer({ data: [{ id: '1' }], errors: [gone] }))).not.toMatchObject({
      page: { subject: {} },
    });
  });

  it.each(['', '<html>busy</html>', '{"data":', '{}', '[]', 'null', '{"title":"?"}'])(
    'is garbage when it is %j',
    (body) => {
      expect(readV2(timeline, answer(body))).toMatchObject({
        kind: 'refused',
        refusal: { kind: 'garbage', status: 200 },
      });
    },
  );
});

describe('an answer of v1.1', () => {
  const missing = { endpoint: '/1.1/statuses/lookup.json', shape: 'status-map', asked: { ids: ['1', '2'] } } as const;

  it('of a look-up says what was left out', () => {
    const reading = readLegacy(missing, answer('{"id":{"1":{"id":9007199254740993,"id_str":"1"},"2":null}}'));
    expect(reading).toMatchObject({
      page: { posts: [{ postId: '1' }], outcomes: [{ id: '2', outcome: 'not_found' }] },
    });
  });

  it.each([
    [401, { request: '/1.1/statuses/user_timeline.json', error: 'Not authorized.' }, 'protected'],
    [404, { errors: [{ code: 34, message: 'Sorry, that page does not exist.' }] }, 'not_found'],
    [403, { errors: [{ code: 63, message: 'User has been suspended.' }] }, 'suspended'],
  ])('with %i tells the state of the account', (status, body, outcome) => {
    const reading = readLegacy({ endpoint: 'x', shape: 'statuses', subject: { id: '7' } }, answer(body, status));
    expect(reading).toMatchObject({ page: { subject: { id: '7', outcome } } });
  });

  it('about the caller is a refusal, not a finding', () => {
    const reading = readLegacy(
      { endpoint: 'x', shape: 'statuses', subject: { id: '7' } },
      answer({ errors: [{ code: 89, message: 'Invalid or expired token.' }] }, 401),
    );
    expect(reading).toMatchObject({ kind: 'refused', refusal: { kind: 'credential-refused' } });
  });

  it('gives ids of followers as text, however they were written', () => {
    const reading = readLegacy(
      { endpoint: 'x', shape: 'id-cursor' },
      answer(
        '{"ids":[9007199254740993,"5",7],"next_cursor":1200000000027269472,"next_cursor_str":"1200000000027269472"}',
      ),
    );
    expect(reading).toMatchObject({
      page: { accountIds: ['9007199254740993', '5', '7'], next: '1200000000027269472' },
    });
  });
});

describe('what is asked for', () => {
  it('is everything but what only authors may see, and the newer words when X knows no others', () => {
    const asked = fieldParameters('posts', FIRST_DIALECT);
    expect(asked['tweet.fields']).toContain('note_tweet');
    expect(JSON.stringify(asked)).not.toMatch(/non_public|organic|promoted|confirmed_email/);
    const refusal = readXRefusal(
      answer(
        {
          errors: [
            {
              parameters: { 'tweet.fields': ['id'] },
              message: 'The query parameter [tweet.fields] is not one of [id,expansions,post.fields,user.fields]',
            },
          ],
          title: 'Invalid Request',
        },
        400,
      ),
    );
    const learnt = learnDialect(FIRST_DIALECT, refusal);
    const renamed = fieldParameters('posts', learnt ?? FIRST_DIALECT);
    expect(renamed['tweet.fields']).toBeUndefined();
    expect(renamed['post.fields']).toContain('note_post');
    expect(renamed.expansions).toContain('referenced_posts');
  });

  it('changes by complaints about fields alone, and not for ever', () => {
    const about = (message: string, parameter: string) =>
      readXRefusal(
        answer({ errors: [{ parameters: { [parameter]: ['x'] }, message }], title: 'Invalid Request' }, 400),
      );
    expect(
      learnDialect(
        FIRST_DIALECT,
        about('The `max_results` query parameter value [x] is not between 5 and 100', 'max_results'),
      ),
    ).toBeUndefined();
    const refusal = about(
      'The `expansions` query parameter value [geo.place_id] is not one of [author_id]',
      'expansions',
    );
    const learnt = learnDialect(FIRST_DIALECT, refusal);
    expect(learnt?.refused).toEqual(['expansions=geo.place_id']);
    expect(learnDialect(learnt ?? FIRST_DIALECT, refusal)).toBeUndefined();
  });
});
