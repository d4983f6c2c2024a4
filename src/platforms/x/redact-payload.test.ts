import { describe, expect, it } from 'vitest';
import { redactPayload } from './redact-payload.ts';

const places = { places: true, posts: new Set<string>() };

describe('a payload without what was taken back', () => {
  it('keeps every other member, numbers with their digits', () => {
    const payload =
      '{"data":{"id":"1","geo":{"place_id":"p"},"n":2102055757879968481},"includes":{"places":[{"id":"p"}]}}';
    expect(redactPayload(payload, places)).toBe('{"data":{"id":"1","n":2102055757879968481},"includes":{}}');
  });

  it('is the id alone where it is nested too deeply to be written anew', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect(redactPayload(`{"data":{"id":"1","geo":{},"x":${deep}}}`, places)).toBe('{"data":{"id":"1"}}');
    expect(redactPayload(`{"id_str":"1","geo":{},"x":${deep}}`, places)).toBe('{"id_str":"1"}');
  });
});
