/** An account that somebody chose to follow, as rows and callers know it. */

export const accountStates = ['public', 'protected', 'suspended', 'gone'] as const;
/** What the platform lets be seen of an account. `gone`: deleted or deactivated; the platform does not tell which. */
export type AccountState = (typeof accountStates)[number];

/** What showed a state: the endpoint that was asked, and the platform's words. */
export type StateEvidence = { endpoint: string; evidence: string };

/** Instants ISO 8601 with Z. `handle`: as the platform wrote it when last looked at. */
export type FollowedAccount = {
  platform: string;
  accountId: string;
  handle: string;
  active: boolean;
  state: AccountState;
  stateSince: string;
  checkedAt: string;
  addedAt: string;
};

export const FOLLOWED_COLUMNS = 'platform, account_id, handle, active, state, state_since, checked_at, added_at';

export type FollowedRow = {
  platform: string;
  account_id: string;
  handle: string;
  active: boolean;
  state: AccountState;
  state_since: string;
  checked_at: string;
  added_at: string;
};

export function toFollowed(row: FollowedRow): FollowedAccount {
  return {
    platform: row.platform,
    accountId: row.account_id,
    handle: row.handle,
    active: row.active,
    state: row.state,
    stateSince: row.state_since,
    checkedAt: row.checked_at,
    addedAt: row.added_at,
  };
}
