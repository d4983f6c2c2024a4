import { describe, expect, it } from 'vitest';
import { identityOf } from './post-identity.ts';

const ID = '1394735776701816833';
const at = 'Tue May 18 19:24:56 +0000 2021';
const of = (text: string) => identityOf(JSON.parse(text) as Record<string, unknown>, text);

describe('which post a payload is', () => {
  it('says id_str, though id was rounded', () => {
    expect(of(`{"id":${ID},"id_str":"${ID}","text":"a","created_at":"${at}"}`)).toEqual({
      ...{ kind: 'sound', id: ID, mended: false },
    });
    for (const id of ['1394735776701816800', '1.3947357767018168e+18', '1394735776701820000'])
      expect(of(`{"id":${id},"id_str":"${ID}","text":"a","created_at":"${at}"}`), id).toEqual({
        ...{ kind: 'sound', id: ID, mended: true },
      });
  });

  it('cannot be said without all digits', () => {
    expect(of(`{"id":1394735776701816800,"text":"a"}`)).toEqual({
      kind: 'damaged',
      id: '1394735776701816800',
      reason: 'the id is a number beyond 2^53 and there is no id_str that has it whole',
    });
    expect(of(`{"id":"1.39474E+18","text":"a"}`)).toMatchObject({
      kind: 'damaged',
      reason: 'the id has been a number',
    });
    expect(of(`{"id":"${ID}","id_str":"1.39474E+18","text":"a"}`)).toMatchObject({ kind: 'damaged' });
    expect(of(`{"id":1394735776701816833,"id_str":"1294735776701816833","text":"a"}`)).toMatchObject({
      reason: 'id and id_str name different posts',
    });
    expect(of(`{"id":"${ID}","author_id":"1.3E+18","text":"a"}`)).toMatchObject({
      reason: 'author_id has been a number',
    });
  });

  it('is none for what has no text', () => {
    expect(of('{"id":"7","username":"a"}')).toEqual({ kind: 'other', what: 'an account' });
    expect(of('{"start":"a","tweet_count":3}')).toMatchObject({ kind: 'other' });
    expect(of('{"id":"7","action":"delete"}')).toMatchObject({ kind: 'other' });
  });
});
