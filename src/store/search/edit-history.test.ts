import { describe, expect, it } from 'vitest';
import { editHistory } from './edit-history.ts';

describe('editHistory', () => {
  it('reads the versions where either API writes them', () => {
    expect(editHistory('{"data":{"id":"3","edit_history_tweet_ids":["1","2","3"]}}')).toEqual(['1', '2', '3']);
    expect(editHistory('{"id_str":"2","edit_history":{"edit_tweet_ids":["1","2"]}}')).toEqual(['1', '2']);
  });

  it('finds nothing in payloads that say nothing of it, or something else', () => {
    for (const payload of [
      '{"data":{"id":"1"}}',
      '{"data":{"edit_history_tweet_ids":"1"}}',
      '{"data":null,"edit_history":null}',
      'null "edit_history_tweet_ids"',
      '{"data":{"edit_history_tweet_ids":[1,null,"x","<b>"]}}',
    ])
      expect(editHistory(payload)).toEqual([]);
  });

  it('takes each once and no more than there can be', () => {
    const many = Array.from({ length: 900 }, (_, at) => String(at));
    expect(editHistory(JSON.stringify({ data: { edit_history_tweet_ids: [...many, '1'] } }))).toHaveLength(50);
  });
});
