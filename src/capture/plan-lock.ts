import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { MistnetError } from '../core/errors.ts';

/**
 * Keeps a second capture out of a node's segments of a plan: it would take the first one's open segment for the leftover of a
 * crash, seal it and remove it. The lock is a name in the kernel, so it ends with its process, however that ends. It holds on one
 * machine (one network namespace); on different machines nodes have different names. Throws `home.in-use`.
 */
export async function lockPlan(planFolder: string, node: string): Promise<AsyncDisposable> {
  const place = createHash('sha256')
    .update(`${await realpath(planFolder)}\n${node}`)
    .digest('hex')
    .slice(0, 40);
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(`\0mistnet-capture-${place}`);
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new MistnetError('home.in-use', `Another mistnet captures into ${planFolder} as node "${node}".`);
  }
  server.unref();
  return {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
