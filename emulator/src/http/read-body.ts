import type { IncomingMessage } from 'node:http';

/** The body is longer than its endpoint takes. */
export class BodyTooLarge extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`The body is over ${maxBytes} bytes.`);
    this.maxBytes = maxBytes;
  }
}

/** Reads the whole body; what is over the limit is read and thrown away, then BodyTooLarge is thrown. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
  }
  if (bytes > maxBytes) throw new BodyTooLarge(maxBytes);
  return Buffer.concat(parts).toString('utf8');
}
