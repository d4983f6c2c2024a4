/** Looks whether the page's port can be had, before minutes of work are begun for a server that could not start. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { MistnetError } from '../core/errors.ts';

/** Throws `port.in-use`. Port 0 (any) is always free. What else is wrong with the address is for the server to say. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw portInUse(host, port, { cause: error });
    return;
  }
  server.close();
  await once(server, 'close');
}

export function portInUse(host: string, port: number, options?: ErrorOptions): MistnetError {
  return new MistnetError(
    'port.in-use',
    `Port ${port} of ${host} is taken by another program. End it, or set MISTNET_PORT to another.`,
    options,
  );
}
