import type { FaceParts } from '../face-parts.ts';
import type { AccountState } from '../world/model.ts';

/**
 * The account that somebody signs in with: a handle (with or without `@`), an id, or a name such as `user_public`.
 * Undefined when there is none, or when its state doesn't let it sign in.
 */
export function findAccount(name: string, { world, examples }: FaceParts): number | undefined {
  const now = world.now();
  const number =
    examples.get(name) ??
    (/^\d{16,}$/.test(name) ? world.accountById(name, now) : undefined) ??
    world.accountByHandle(name.replace(/^@/, ''), now) ??
    world.accountById(name, now);
  if (number === undefined) return undefined;
  return canSignIn(world.stateAt(number, now)) ? number : undefined;
}

export function canSignIn(state: AccountState): boolean {
  return state === 'public' || state === 'protected';
}
