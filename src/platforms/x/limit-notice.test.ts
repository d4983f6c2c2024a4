import { describe, expect, it } from 'vitest';
import { heldBackOf } from './limit-notice.ts';

describe('a limit notice', () => {
  it.each([
    ['{"limit":{"track":1234,"timestamp_ms":"1500000000000"}}', 1234],
    ['{"limit":{"track":"77"}}', 77],
    [' {"limit":{"track":0}}', 0],
  ])('%s says how many were held back', (line, count) => {
    expect(heldBackOf(line)).toBe(count);
  });

  it.each([
    '{"limit":{"track":-1}}',
    '{"limit":{"track":1.5}}',
    '{"limit":{"track":"99999999999999999999"}}',
    '{"limit":null}',
    '{"limit":7}',
    '{"delete":{"status":{"id":1}}}',
    '{"text":"{\\"limit\\":{\\"track\\":5}}"}',
  ])('is not %s', (line) => {
    expect(heldBackOf(line)).toBeUndefined();
  });
});
