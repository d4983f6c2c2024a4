/** Secrets at rest: AES-256-GCM with a random nonce; the label is authenticated with it, so that a row cannot pass for another. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { MistnetError } from '../../core/errors.ts';
import type { Keyring } from './keyring.ts';

/** `sealed`: the text as cipher, and its tag of 16 bytes at the end. */
export type SealedSecret = { keyId: string; nonce: Buffer; sealed: Buffer };

const TAG_BYTES = 16;

export function sealSecret(ring: Keyring, label: string, text: string): SealedSecret {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(ring, ring.current, label), nonce);
  cipher.setAAD(Buffer.from(label));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { keyId: ring.current, nonce, sealed };
}

/** Throws `credential.unusable` when the key is not there or the bytes are not what was sealed under this label. */
export function openSecret(ring: Keyring, label: string, { keyId, nonce, sealed }: SealedSecret): string {
  const key = keyOf(ring, keyId, label);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(label));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new MistnetError(
      'credential.unusable',
      `The credential "${label}" cannot be opened: its bytes or its key (${keyId}) are not what they were. Remove it and add it anew.`,
      { cause },
    );
  }
}

function keyOf(ring: Keyring, keyId: string, label: string): Buffer {
  const key = ring.keys.get(keyId);
  if (key !== undefined) return Buffer.from(key.reveal(), 'base64');
  throw new MistnetError(
    'credential.unusable',
    `The credential "${label}" was sealed by the key ${keyId}, which is not among the keys that are given now.`,
  );
}
