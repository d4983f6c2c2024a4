/** What sign-in needs to be secret, made of the key that seals credentials: nothing further to keep. */
import { hkdfSync } from 'node:crypto';
import type { Secret } from '../../core/secret.ts';
import type { Keyring } from '../../store/credentials/keyring.ts';

/** Signs cookies and seals second factors. */
export function signInSecret(ring: Keyring): string {
  return derive(ring, 'mistnet sign-in', 32).toString('base64');
}

/** `ABCD-EFGH-JKMN`: the same on every server of an installation, of use only while there is no user. */
export function setupCode(ring: Keyring): string {
  const letters = [...derive(ring, 'mistnet set-up code', 12)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return [0, 4, 8].map((at) => letters.slice(at, at + 4).join('')).join('-');
}

/** 32 signs that are not taken for each other. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** From the oldest key: a new one put before it ends no session. */
function derive(ring: Keyring, purpose: string, bytes: number): Buffer {
  const oldest: Secret | undefined = [...ring.keys.values()].at(-1);
  if (oldest === undefined) throw new Error('a key ring without keys');
  return Buffer.from(hkdfSync('sha256', Buffer.from(oldest.reveal(), 'base64'), '', purpose, bytes));
}
