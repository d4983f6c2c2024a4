/** LISTEN on a connection of its own that comes back by itself. Notices given while it is away are lost: also ask now and then. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A collection was added, started or stopped. */
export const COLLECTIONS_CHANNEL = 'mistnet_collections';

const LONGEST_PAUSE_MS = 5000;

/**
 * Calls `onNotify` for each notice on the channel and once after each (re)connection, because something may have been missed.
 * Returns when the signal aborts; an unreachable server is tried again with growing pauses of at most 5 s.
 */
export async function listen(
  url: string,
  channel: string,
  onNotify: (payload: string | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let pauseMs = 250; !signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    if (await listenOnce(url, channel, onNotify, signal)) pauseMs = 125;
    await sleep(pauseMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
  }
}

/** Returns whether it had been connected. */
async function listenOnce(
  url: string,
  channel: string,
  onNotify: (payload: string | undefined) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, keepAlive: true, application_name: 'mistnet listen' });
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  client.on('error', () => lose());
  client.on('end', () => lose());
  client.on('notification', (notice) => onNotify(notice.payload));
  const onAbort = () => lose();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(channel)}`);
    onNotify(undefined);
    await lost;
    return true;
  } catch {
    return false; // unreachable: tried again after a pause, and whoever needs the database hears of it from its own calls
  } finally {
    signal.removeEventListener('abort', onAbort);
    await client.end().catch(() => {}); // already gone
  }
}
