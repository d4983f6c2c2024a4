import type { IncomingMessage } from 'node:http';

const PLATFORM = /(^|\.)(twitter|x)\.com$/i;

/**
 * Where a client reaches the emulator: `http://127.0.0.1:4200`. A client that was made to call here in the platform's place
 * believes to speak https, and needs such addresses to be made to call here again.
 */
export function ownOrigin({ headers, socket }: IncomingMessage): string {
  const host = headers.host ?? `127.0.0.1:${socket.localPort}`;
  return `${PLATFORM.test(host) ? 'https' : 'http'}://${host}`;
}
