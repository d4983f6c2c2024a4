/** What every source of permits does alike: leave for one call, and the price of what it brings. */
import { DEFAULT_LEVEL, type Price, priceOf } from '../core/permits/price-table.ts';
import type { CallOutcome, Permit, PermitWish, PooledCredential } from './permit-source.ts';

/** Leave with one of the pool. However often the caller settles it, `settle` hears of it once. */
export function leaveWith({ label, authorization }: PooledCredential, settle: (outcome: CallOutcome) => void): Permit {
  let isSettled = false;
  return {
    ...{ credential: label, authorization },
    settle: (outcome) => {
      if (isSettled) return;
      isSettled = true;
      settle(outcome);
    },
  };
}

/** What one unit costs with a credential, in millionths; one that is in the pool no longer costs what the usual one does. */
export function unitMicros(
  prices: readonly Price[],
  credential: PooledCredential | undefined,
  { limit, reserve }: PermitWish,
): number {
  const { platform = 'x', level = DEFAULT_LEVEL } = credential ?? {};
  return priceOf(prices, { platform, level, resource: reserve.resource, endpoint: limit.endpoint });
}
