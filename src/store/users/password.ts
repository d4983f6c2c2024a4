/** What a password must be, and how it is kept. */
import { hashPassword as hash, verifyPassword as verify } from 'better-auth/crypto';
import { MistnetError } from '../../core/errors.ts';
import { commonPasswords } from './common-passwords.ts';

export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 256;

/**
 * Why this cannot be the password of that person, in a sentence; undefined when it can. Length counts, not kinds of characters. What many
 * people use, what repeats itself, and the person's own name or address are refused.
 */
export function passwordFault(password: string, person: { email: string; name: string }): string | undefined {
  const length = Array.from(password).length;
  if (length < PASSWORD_MIN) return `The password has ${length} characters; it needs ${PASSWORD_MIN} or more.`;
  if (length > PASSWORD_MAX) return `The password has ${length} characters; ${PASSWORD_MAX} are the most.`;
  const plain = password.toLowerCase();
  if (new Set(plain).size < 5) return 'The password repeats the same few characters.';
  const core = plain.replaceAll(/[^\p{L}]/gu, '');
  const own = [person.email.split('@')[0] ?? '', person.email, person.name].map((each) => each.toLowerCase());
  if (own.some((each) => each.length >= 4 && plain.replaceAll(each, '').length < PASSWORD_MIN / 2))
    return 'The password is hardly more than your name or address.';
  if (commonPasswords.has(plain) || commonPasswords.has(core) || isCommonTwice(plain))
    return 'This password is used by many people, so it is tried first. Take a few unrelated words.';
  if (isSequence(plain)) return 'The password is a row of neighbouring characters.';
  return undefined;
}

/** Throws `password.weak` with the sentence of `passwordFault`. */
export function requireGoodPassword(password: string, person: { email: string; name: string }): void {
  const fault = passwordFault(password, person);
  if (fault !== undefined) throw new MistnetError('password.weak', fault);
}

/** scrypt with a salt of its own, as the sign-in library writes and reads it. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'));
}

export function isPassword(kept: string, password: string): Promise<boolean> {
  return verify({ hash: kept, password: password.normalize('NFKC') });
}

/** `passwordpassword`, `qwerty123qwerty123`. */
function isCommonTwice(plain: string): boolean {
  const half = plain.slice(0, plain.length / 2);
  return plain.length % 2 === 0 && plain === half + half;
}

/** `abcdefghijkl`, `123456789012`: each step the same. */
function isSequence(plain: string): boolean {
  const codes = Array.from(plain).map((each) => each.codePointAt(0) ?? 0);
  const steps = codes.slice(1).filter((code, at) => Math.abs(code - (codes[at] ?? 0)) === 1).length;
  return steps >= codes.length - 3;
}
