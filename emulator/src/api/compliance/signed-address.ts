import { createHmac } from 'node:crypto';
import { sameText } from '../../credentials/same-text.ts';

export type Use = 'submission' | 'delivery';

interface SignedAddress {
  readonly use: Use;
  readonly job: string;
  readonly app: string;
  /** Unix ms. */
  readonly signedAt: number;
  readonly seconds: number;
}

const ISO_LENGTH = 'YYYYMMDDTHHMMSS'.length;
const DATE_LENGTH = 'YYYYMMDD'.length;

/** Path patterns of the storage that holds uploads and results. */
export const SUBMISSION_PATH = '/twttr-tweet-compliance/:job/submission/:file';
export const DELIVERY_PATH = '/twttr-tweet-compliance/:job/delivery/:file';

/** Path and query of an address that lets whoever has it upload or download, as the platform's storage makes them. */
export function signAddress(seed: number, { use, job, app, signedAt, seconds }: SignedAddress): string {
  const date = `${new Date(signedAt).toISOString().replaceAll(/[-:]/g, '').slice(0, ISO_LENGTH)}Z`;
  const query = [
    'X-Goog-Algorithm=GOOG4-RSA-SHA256',
    `X-Goog-Credential=emulator%2F${date.slice(0, DATE_LENGTH)}%2Fauto%2Fstorage%2Fgoog4_request`,
    `X-Goog-Date=${date}`,
    `X-Goog-Expires=${seconds}`,
    `X-Goog-SignedHeaders=${use === 'submission' ? 'content-type%3Bhost' : 'host'}`,
    `X-Goog-Signature=${signatureOf(seed, use, job)}`,
  ];
  return `/twttr-tweet-compliance/${job}/${use}/${app}_${job}?${query.join('&')}`;
}

export function isSigned(seed: number, use: Use, job: string, query: URLSearchParams): boolean {
  return sameText(query.get('X-Goog-Signature') ?? '', signatureOf(seed, use, job));
}

function signatureOf(seed: number, use: Use, job: string): string {
  return createHmac('sha256', `storage of ${seed}`).update(`${use} ${job}`).digest('hex');
}
