import { FORBIDDEN } from '../api/problems.ts';
import { OWN } from '../http/dialect.ts';
import type { Answer } from '../http/exchange.ts';
import type { Gate } from '../http/router.ts';
import type { World } from '../world/model.ts';

/** Accounts whose calls the platform refuses until their owner has done something on its site. By account number. */
export class AccountLocks {
  readonly #locked = new Set<number>();

  set(account: number, locked: boolean): void {
    if (locked) this.#locked.add(account);
    else this.#locked.delete(account);
  }

  has(account: number): boolean {
    return this.#locked.has(account);
  }
}

/** Refuses users who are locked, or suspended by now: their tokens are still good, but they may not do anything with them. */
export function callerGate(locks: AccountLocks, world: World): Gate {
  return {
    admit({ caller, url }, { dialect }) {
      if (dialect === OWN || (caller.kind !== 'user1' && caller.kind !== 'user2')) return {};
      const isOld = url.pathname.startsWith('/1.1/');
      if (locks.has(caller.account)) return { refusal: isOld ? LOCKED : FORBIDDEN };
      if (world.stateAt(caller.account, world.now()) === 'suspended') return { refusal: isOld ? SUSPENDED : FORBIDDEN };
      return {};
    },
  };
}

const LOCKED: Answer = {
  status: 403,
  body: {
    errors: [
      {
        code: 326,
        message:
          'To protect our users from spam and other malicious activity, this account is temporarily locked. Please log in to https://twitter.com to unlock your account.',
        sub_error_code: 0,
        bounce_location: 'https://twitter.com/account/access',
      },
    ],
  },
};
const SUSPENDED: Answer = {
  status: 403,
  body: {
    errors: [{ code: 64, message: 'Your account is suspended and is not permitted to access this feature.' }],
  },
};
