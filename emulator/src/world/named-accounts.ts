import type { Accounts } from './accounts.ts';
import { Activity } from './activity.ts';
import type { PostKind } from './model.ts';
import { mix } from './random.ts';

/** How many of the posts of a kind name somebody out of the blue. */
const SHARES: Readonly<Record<PostKind, number>> = { original: 0.05, quote: 0.05, reply: 0.2, repost: 0 };

/**
 * Whom posts name besides those they answer. Each post has one account that it would name, dealt out as posts are dealt out to
 * their authors: so the posts that can name an account are found as quickly as those that it wrote.
 */
export class NamedAccounts {
  readonly #accounts: Accounts;
  readonly #dealt: Activity;
  readonly #key: number;

  constructor(seed: number, accounts: Accounts) {
    this.#accounts = accounts;
    this.#key = mix(seed ^ 0x4e77);
    this.#dealt = new Activity(accounts.size, mix(this.#key));
  }

  /** The account that a post of that kind names; undefined for most. @param madeAt who was not born then is not named */
  namedIn(number: number, kind: PostKind, madeAt: number): number | undefined {
    if (!this.#names(number, kind)) return undefined;
    const account = this.#dealt.authorOf(number);
    return this.#accounts.createdAt(account) <= madeAt ? account : undefined;
  }

  /** Numbers of the posts before `before` that can name the account, falling without end. */
  candidates(account: number, before: number): Iterable<number> {
    return this.#dealt.postsBefore(account, before);
  }

  #names(number: number, kind: PostKind): boolean {
    const hash = mix((number | 0) ^ mix(Math.floor(number / 0x1_0000_0000) ^ this.#key)) >>> 0;
    return hash / 0x1_0000_0000 < SHARES[kind];
  }
}
