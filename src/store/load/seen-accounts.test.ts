import { describe, expect, it } from 'vitest';
import { parseAccountId } from '../../core/ids.ts';
import type { Account } from '../../core/post.ts';
import { SeenAccounts, type Sight } from './seen-accounts.ts';

const accountId = parseAccountId('7');
const MINUTE = 60_000;

function sight(seenMs: number, fields: Omit<Account, 'accountId'> = { handle: 'owl' }): Sight {
  if (accountId === undefined) throw new Error('no id');
  return { platform: 'x', account: { accountId, ...fields }, firstSeenMs: seenMs, seenMs };
}

describe('an account that was written', () => {
  const seen = new SeenAccounts();
  seen.remember([sight(100 * MINUTE, { handle: 'owl', verified: true, followers: 3 })]);

  it('is known while only counts differ, or fields are left out, within the hour', () => {
    expect(seen.isKnown(sight(101 * MINUTE, { handle: 'owl', followers: 9 }))).toBe(true);
    expect(seen.isKnown(sight(159 * MINUTE))).toBe(true);
    expect(seen.isKnown(sight(160 * MINUTE))).toBe(false);
  });

  it('is news when anything else differs, or when it was seen earlier than ever', () => {
    expect(seen.isKnown(sight(101 * MINUTE, { handle: 'eagle' }))).toBe(false);
    expect(seen.isKnown(sight(101 * MINUTE, { name: 'Owl' }))).toBe(false);
    expect(seen.isKnown(sight(101 * MINUTE, { verified: false }))).toBe(false);
    expect(seen.isKnown(sight(99 * MINUTE))).toBe(false);
    expect(new SeenAccounts().isKnown(sight(1))).toBe(false);
  });
});
