import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whether the request carries `Authorization: Bearer <token>`; the scheme's case doesn't matter. */
export function isAuthorised(request: IncomingMessage, token: string): boolean {
  const [, given] = /^Bearer +(\S+)\s*$/i.exec(request.headers.authorization ?? '') ?? [];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
