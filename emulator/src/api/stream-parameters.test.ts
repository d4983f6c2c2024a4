import { describe, expect, it } from 'vitest';
import { readStreamParameters } from './stream-parameters.ts';

const read = (query: string) => readStreamParameters(new URLSearchParams(query));

function complaintsOf(query: string): object {
  const result = read(query);
  if (result.ok) throw new Error(`accepted ${query}`);
  return result.problem;
}

describe('stream parameters', () => {
  it('read lists, blank values and minutes', () => {
    const result = read(
      'expansions=author_id&tweet.fields=lang,text&media.fields=&poll.fields=&place.fields=&backfill_minutes=5',
    );
    expect(result).toMatchObject({ ok: true, parameters: { backfillMinutes: 5 } });
    if (!result.ok) return;
    expect(result.parameters.fields.tweet).toEqual(new Set(['lang', 'text']));
    expect(result.parameters.fields.expansions).toEqual(new Set(['author_id']));
    expect(result.parameters.fields.user).toEqual(new Set());
  });

  it('take post.fields for tweet.fields', () => {
    expect(read('post.fields=lang')).toMatchObject({ ok: true, parameters: { fields: { tweet: new Set(['lang']) } } });
  });

  it.each(['6', '-1', 'abc', '1.5', '99999999999'])(
    'refuse backfill_minutes=%s in the words of the platform',
    (value) => {
      expect(complaintsOf(`backfill_minutes=${value}`)).toEqual({
        status: 400,
        body: {
          errors: [
            {
              parameters: { backfill_minutes: [value] },
              message: `The \`backfill_minutes\` query parameter value [${value}] is not between 0 and 5`,
            },
          ],
          title: 'Invalid Request',
          detail: 'One or more parameters to your request was invalid.',
          type: 'https://api.twitter.com/2/problems/invalid-request',
        },
      });
    },
  );

  it('refuse an unknown parameter and name the known ones', () => {
    expect(complaintsOf('next_token=abc')).toMatchObject({
      body: {
        errors: [
          {
            parameters: { next_token: ['abc'] },
            message:
              'The query parameter [next_token] is not one of [backfill_minutes,expansions,tweet.fields,media.fields,poll.fields,place.fields,user.fields]',
          },
        ],
      },
    });
  });

  it('refuse an unknown field, quoting the whole list and naming the first that is wrong', () => {
    expect(complaintsOf('poll.fields=id,bogus,wrong')).toMatchObject({
      body: {
        errors: [
          {
            parameters: { 'poll.fields': ['id,bogus,wrong'] },
            message:
              'The `poll.fields` query parameter value [bogus] is not one of [duration_minutes,end_datetime,id,options,voting_status]',
          },
        ],
      },
    });
  });

  it('report every fault at once', () => {
    const result = read('tweet.fields=x&backfill_minutes=9&nonsense=1');
    expect(result).toMatchObject({ ok: false, problem: { body: { errors: { length: 3 } } } });
  });
});
