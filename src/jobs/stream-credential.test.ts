import { expect, it } from 'vitest';
import type { KnownCredential } from '../store/credentials/sealed-credentials.ts';
import { credentialOfPlan, refusedForPlan } from './stream-credential.ts';

function known(label: string, more: Partial<KnownCredential> = {}): KnownCredential {
  const credential = { format: 1 as const, label, kind: 'app' as const, keyId: 'k', nonce: '', sealed: '' };
  return { credential, isRefused: false, isPersonal: false, ...more };
}

it('a stream that names no credential stays with the one that it has, while that will do', () => {
  const [first, second] = [known('first'), known('second')];
  const of = (all: readonly KnownCredential[], beside?: string) =>
    credentialOfPlan({ api: 'v2' }, all, beside)?.label ?? 'none';
  expect(of([first, second])).toBe('first');
  expect(of([first, second], 'second')).toBe('second');
  expect(of([first], 'second')).toBe('first');
  expect(of([first, known('second', { isRefused: true })], 'second')).toBe('first');
  expect(of([], 'second')).toBe('none');
});

it("somebody's own is taken only where it is named", () => {
  const own = known('own', { isPersonal: true, isRefused: true });
  expect(credentialOfPlan({ api: 'v2' }, [{ ...own, isRefused: false }], 'own')).toBeUndefined();
  expect(refusedForPlan({ api: 'v2' }, [own])).toEqual([]);
  expect(credentialOfPlan({ api: 'v2', credential: 'own' }, [own], undefined)?.label).toBe('own');
});
