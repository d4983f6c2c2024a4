import type { Vocabulary } from './api/vocabulary.ts';
import type { OpenStreams } from './api/open-streams.ts';
import type { RuleBooks } from './api/rule-book.ts';
import type { SearchSwitches } from './api/search/search-switches.ts';
import type { StreamSlots } from './api/stream-slots.ts';
import type { Calls } from './calls.ts';
import type { VirtualClock } from './clock.ts';
import type { AccountLocks } from './credentials/caller-gate.ts';
import type { Credentials } from './credentials/credentials.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import type { Feed } from './feed/feed.ts';
import type { TimelineFeed } from './feed/timeline-feed.ts';
import type { Access } from './limits/access.ts';
import type { Meter } from './limits/meter.ts';
import type { RateLedger } from './limits/rate-ledger.ts';
import type { Outage } from './scenario/outages.ts';
import type { Truth } from './truth.ts';
import type { Choices } from './uncertain/choices.ts';
import type { Change, Post, World } from './world/model.ts';

/** What endpoints are built from: everything that one running emulator has. */
export interface FaceParts {
  readonly world: World;
  /** Accounts to show: `user_public`, `user_protected` … by number. */
  readonly examples: ReadonlyMap<string, number>;
  readonly clock: VirtualClock;
  /** The words in which v2 answers. */
  readonly vocabulary: Vocabulary;
  /** What is done at points where nobody knows what the platform does. */
  readonly choices: Choices;
  /** Switches of search and counts that the platform hasn't got. */
  readonly search: SearchSwitches;
  readonly credentials: Credentials;
  readonly locks: AccountLocks;
  /** What apps may do: rules, lengths, streams at once, backfill. Ask it at each call, it can change. */
  readonly access: Access;
  /** The windows of request limits. */
  readonly ledger: RateLedger;
  /** Credits and posts read; streams tell it of what they deliver. */
  readonly meter: Meter;
  readonly truth: Truth;
  readonly calls: Calls;
  readonly faults: FaultPlan;
  readonly outages: readonly Outage[];
  /** The sample stream's lines. */
  readonly feed: Feed;
  /** Whether those come from recordings. */
  readonly replays: boolean;
  /** All posts of the world, and all that happens to posts and accounts, as they are told. */
  readonly posts: TimelineFeed<Post>;
  readonly changes: TimelineFeed<Change>;
  /** Rules of the filtered stream, by app. */
  readonly rules: RuleBooks;
  readonly slots: StreamSlots;
  readonly streams: OpenStreams;
  /** Stream connects per 15 minutes; undefined: not enforced. */
  readonly connectLimit: number | undefined;
  readonly keepaliveMs: number;
  /** Posts per second of world time that `statuses/filter` carries of those that match; Infinity: all. */
  readonly filterCap: number;
  /** Real monotonic milliseconds. */
  readonly monotonicMs: () => number;
}
