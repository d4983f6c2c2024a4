/** Leave to call at once, and a record of what was asked and settled: for tests of those who call, not of the ledger. */
import type { CallOutcome, PermitSource, PermitWish } from '../../src/platforms/permit-source.ts';

export type SimplePermits = PermitSource & { wishes: PermitWish[]; settled: CallOutcome[] };

export function simplePermits(token = 'emulator-token'): SimplePermits {
  const wishes: PermitWish[] = [];
  const settled: CallOutcome[] = [];
  return {
    ...{ wishes, settled },
    acquire: async (wish, signal) => {
      signal.throwIfAborted();
      wishes.push(wish);
      return {
        credential: 'test',
        authorization: () => `Bearer ${token}`,
        settle: (outcome) => void settled.push(outcome),
      };
    },
  };
}
