/** What of a request the sign-in library is told. */
import type { FastifyRequest } from 'fastify';
import { isLoopbackHost } from '../host-check.ts';
import type { Visit } from './sign-in-desk.ts';

/** `publicUrl`: as configured; else the page is where the browser says it is, which the check of the host has allowed. */
export function visitOf(request: FastifyRequest, publicUrl: string | undefined): Visit {
  const { cookie = '', 'user-agent': userAgent = '', host = 'localhost' } = request.headers;
  return { publicUrl: publicUrl ?? `http://${host}`, cookie, userAgent: userAgent.slice(0, 300), address: request.ip };
}

/**
 * Whether the request comes from this machine itself, not through a proxy on it. A proxy that says nothing of its clients would make them all
 * seem to be here: where the page has a public address nobody is taken to be.
 */
export function isDirectlyLocal({ socket, headers, raw }: FastifyRequest, publicUrl: string | undefined): boolean {
  if (publicUrl !== undefined && !isLoopbackHost(new URL(publicUrl).host)) return false;
  // No browser speaks HTTP/1.0; nginx does when it was told nothing else.
  if (raw.httpVersion === '1.0') return false;
  const address = socket.remoteAddress ?? '';
  const local = address === '::1' || /^(::ffff:)?127\./.test(address);
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];
  return local && forwarded.every((name) => headers[name] === undefined);
}
