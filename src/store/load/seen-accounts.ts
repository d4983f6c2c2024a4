/** Accounts that this loader wrote lately: the same again is not sent to PostgreSQL, which would leave its row as it is. */
import type { Account } from '../../core/post.ts';

/** An account's last sight within a batch, and when it was seen first in it. */
export type Sight = { platform: string; account: Account; firstSeenMs: number; seenMs: number };

const HOUR_MS = 3_600_000;
const MOST = 50_000;

export class SeenAccounts {
  readonly #sights = new Map<string, Sight>();

  /** Whether nothing but counts can differ from what was written less than an hour (of capture) before. */
  isKnown(sight: Sight): boolean {
    const known = this.#sights.get(keyOf(sight));
    if (known === undefined || sight.firstSeenMs < known.firstSeenMs) return false;
    return (
      sight.seenMs <= known.seenMs || (sight.seenMs < known.seenMs + HOUR_MS && isSame(sight.account, known.account))
    );
  }

  /** Call it when the transaction that wrote them is committed. The oldest are forgotten. */
  remember(sights: Sight[]): void {
    for (const sight of sights) {
      const key = keyOf(sight);
      const known = this.#sights.get(key);
      if (known !== undefined && known.seenMs > sight.seenMs) continue;
      this.#sights.delete(key); // so that it becomes the youngest
      this.#sights.set(key, known === undefined ? sight : merged(known, sight));
    }
    for (const key of this.#sights.keys()) {
      if (this.#sights.size <= MOST) return;
      this.#sights.delete(key);
    }
  }
}

function keyOf({ platform, account }: Sight): string {
  return `${platform} ${account.accountId}`;
}

function merged(known: Sight, sight: Sight): Sight {
  const firstSeenMs = Math.min(known.firstSeenMs, sight.firstSeenMs);
  return { ...sight, account: { ...known.account, ...sight.account }, firstSeenMs };
}

/** A field that was not sent says nothing new. */
function isSame(sent: Account, known: Account): boolean {
  return (
    (sent.handle === undefined || sent.handle === known.handle) &&
    (sent.name === undefined || sent.name === known.name) &&
    (sent.createdAt === undefined || sent.createdAt === known.createdAt) &&
    (sent.location === undefined || sent.location === known.location) &&
    (sent.description === undefined || sent.description === known.description) &&
    (sent.verified === undefined || sent.verified === known.verified) &&
    (sent.protected === undefined || sent.protected === known.protected)
  );
}
