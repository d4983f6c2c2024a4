import { postTime } from '../../world/ids.ts';
import type { AccountState, Post, World } from '../../world/model.ts';

export type ComplianceType = 'tweets' | 'users';

/**
 * The line of a results file about one id, line feed included: what its holder has to do about it, and why. Undefined for what is
 * still in sight at `at`, and for ids that nobody bears. Keys in the order of the recordings; `redacted_at` is left out for what is
 * merely protected, and can come back.
 */
export function redactionLine(world: World, type: ComplianceType, id: string, at: number): string | undefined {
  const found = type === 'tweets' ? ofPost(world, id, at) : ofAccount(world, id, at);
  if (found === undefined) return undefined;
  const { createdAt, redactedAt, reason } = found;
  const created_at = new Date(createdAt).toISOString();
  const redacted_at = redactedAt === undefined ? undefined : new Date(redactedAt).toISOString();
  return `${JSON.stringify({ id, action: 'delete', created_at, ...(redacted_at !== undefined && { redacted_at }), reason })}\n`;
}

interface Redaction {
  readonly createdAt: number;
  readonly redactedAt: number | undefined;
  readonly reason: Exclude<AccountState, 'public'> | 'bounced' | 'scrub_geo';
}

function ofPost(world: World, id: string, at: number): Redaction | undefined {
  const time = postTime(id);
  const post = time && world.post(time);
  if (post === undefined) return undefined;
  const state = world.postStateAt(post, at);
  const createdAt = post.at;
  if (state === 'unborn') return undefined;
  if (state === 'public') {
    if (post.place === undefined || world.placeAt(post, at) !== undefined) return undefined;
    const redactedAt = firstInstant(createdAt, at, (instant) => world.placeAt(post, instant) === undefined);
    return { createdAt, redactedAt, reason: 'scrub_geo' };
  }
  if (state === 'deleted' || state === 'dropped') {
    const redactedAt = firstInstant(createdAt, at, (instant) => world.postStateAt(post, instant) === state);
    return { createdAt, redactedAt, reason: state === 'deleted' ? 'deleted' : 'bounced' };
  }
  const account = hiddenAuthor(world, post, at);
  return account === undefined ? undefined : redaction(world, account, createdAt, at);
}

function ofAccount(world: World, id: string, at: number): Redaction | undefined {
  const account = world.accountById(id, at);
  return account === undefined ? undefined : redaction(world, account, world.account(account).createdAt, at);
}

/** A repost goes with its own author or with that of the original. */
function hiddenAuthor(world: World, { author, about, kind }: Post, at: number): number | undefined {
  const authors = kind === 'repost' && about !== undefined ? [author, about.author] : [author];
  return authors.find((account) => world.stateAt(account, at) !== 'public');
}

function redaction(world: World, account: number, createdAt: number, at: number): Redaction | undefined {
  const reason = world.stateAt(account, at);
  if (reason === 'public') return undefined;
  if (reason === 'protected') return { createdAt, redactedAt: undefined, reason };
  return {
    createdAt,
    redactedAt: firstInstant(createdAt, at, (instant) => world.stateAt(account, instant) === reason),
    reason,
  };
}

/** Since when something holds that holds at `until`; of several spans the beginning of one of them. */
function firstInstant(from: number, until: number, holds: (at: number) => boolean): number {
  if (holds(from)) return from;
  let before = from;
  let since = until;
  while (since - before > 1) {
    const middle = Math.floor((before + since) / 2);
    if (holds(middle)) since = middle;
    else before = middle;
  }
  return since;
}
