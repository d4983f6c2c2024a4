import { describe, expect, it } from 'vitest';
import { addressWords, linkedName, methodWords, serviceName } from './method-words.ts';

const services = [{ id: 'oidc', name: 'the Heron Institute' }];

describe('ways to sign in, in words', () => {
  it('names each once', () => {
    expect(methodWords(['password', 'x', 'x'], [])).toBe('password, X');
    expect(methodWords(['password', 'oidc'], services)).toBe('password, the Heron Institute');
    expect(methodWords([], services)).toBe('nothing yet');
  });

  it('keeps the id of a service that is no longer set up', () => {
    expect(serviceName('oidc', [])).toBe('oidc');
  });

  it('calls a linked account by its name, its id beside, and by the id alone while no name is known', () => {
    const account = { provider: 'x', accountId: '1457066684136292356' };
    expect(linkedName({ ...account, handle: 'ada' })).toBe('@ada (1457066684136292356)');
    expect(linkedName({ ...account, handle: null })).toBe('1457066684136292356');
    expect(linkedName({ provider: 'oidc', accountId: 'u7', handle: 'ada@example.org' })).toBe('ada@example.org (u7)');
  });

  it('shows no address where X told none', () => {
    expect(addressWords('1457066684136292356@x.invalid')).toBe('no address');
    expect(addressWords('ada@example.org')).toBe('ada@example.org');
  });
});
