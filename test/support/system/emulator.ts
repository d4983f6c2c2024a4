/** The emulator as a program of its own, and what it knows to be true. */
import { until } from './until.ts';
import { EMULATOR, type Program, type Workbench } from './workbench.ts';

export type Connection = {
  id: string;
  path: string;
  openedAt: string;
  closedAt: string | null;
  reason: string | null;
  sent: number;
  lastId?: string | null;
};

/** `forMs`: how long a drip takes, or how long the platform believes in a half-open connection. */
export type FaultWish = { kind: string; after?: number; count?: number; forMs?: number };

type OrderedFault = { kind: string; struck: number; count: number };

export type EmulatorProgram = {
  url: string;
  program: Program;
  connections(): Promise<Connection[]>;
  /** Ids handed to a connection, in order. */
  ids(connection: string): Promise<string[]>;
  /** Every id that was handed to anybody, once, sorted. */
  allIds(): Promise<string[]>;
  /** Texts by id, of one connection's posts. */
  texts(connection: string): Promise<Map<string, string>>;
  fault(wish: FaultWish): Promise<void>;
  /** Forgets all faults that were ordered. */
  forgetFaults(): Promise<void>;
  /** Orders a fault and waits until it has struck as often as wished. */
  strike(wish: FaultWish): Promise<void>;
  /** Waits until a stream is open and has sent something; `after` connections that there were before. */
  openStream(after?: number): Promise<void>;
  /** An end in order of all streams, after which nobody is let in: what was sent has arrived, and nothing more comes. */
  endOfStream(): Promise<void>;
};

/** Starts it on a free port. */
export async function startEmulator(bench: Workbench, args: string[]): Promise<EmulatorProgram> {
  const program = bench.start(EMULATOR, ['--port', '0', ...args]);
  const [, url = ''] = await program.hears(/listening on (http:\S+)/);
  // A connection kept for the next question may be closed by the server at the very moment at which that is asked.
  const ask = (path: string, more: RequestInit = {}) =>
    fetch(new URL(path, url), { ...more, headers: { connection: 'close' } });
  const get = async (path: string) => {
    const response = await ask(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.text();
  };
  const connections = async () =>
    (JSON.parse(await get('/_emulator/truth')) as { connections: Connection[] }).connections;
  const ids = async (connection: string) => lines(await get(`/_emulator/truth/ids?connection=${connection}`));
  const fault = async (wish: FaultWish) => {
    const response = await ask('/_emulator/faults', { method: 'POST', body: JSON.stringify(wish) });
    if (response.status !== 201) throw new Error(`fault ${JSON.stringify(wish)}: ${await response.text()}`);
  };
  const faults = async () => (JSON.parse(await get('/_emulator/faults')) as { faults: OrderedFault[] }).faults;
  return {
    url,
    program,
    connections,
    ids,
    allIds: async () => {
      const all = await Promise.all((await connections()).map(({ id }) => ids(id)));
      return [...new Set(all.flat())].sort();
    },
    texts: async (connection) => {
      const posts = lines(await get(`/_emulator/truth/posts?connection=${connection}`));
      return new Map(
        posts.map((line) => JSON.parse(line) as { id: string; text: string }).map(({ id, text }) => [id, text]),
      );
    },
    fault,
    forgetFaults: async () => {
      const response = await ask('/_emulator/faults', { method: 'DELETE' });
      if (!response.ok) throw new Error(`faults could not be forgotten: ${response.status}`);
    },
    strike: async (wish) => {
      const ordered = (await faults()).length;
      await fault(wish);
      await until(`${wish.kind} to strike`, async () => {
        const found = (await faults())[ordered];
        return found !== undefined && found.struck === found.count;
      });
    },
    openStream: async (after = 0) => {
      await until(
        'an open stream',
        async () => (await connections()).slice(after).some(({ closedAt, sent }) => closedAt === null && sent > 0),
        { withinMs: 60_000 },
      );
    },
    endOfStream: async () => {
      // A backfill that is cut here would be missing: nobody is let in after it.
      await until('streams that have caught up', async () => (await connections()).every(isClosedOrLive), {
        withinMs: 60_000,
      });
      await fault({ kind: 'http-503', count: 1_000_000 });
      await fault({ kind: 'disconnect', after: 20 });
      await until('the end of all streams', async () =>
        (await connections()).every(({ closedAt }) => closedAt !== null),
      );
    },
  };
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Whether a connection has been sent a post that was made after it was opened: by then all that it had missed was sent. */
export function isClosedOrLive({
  closedAt,
  openedAt,
  lastId,
}: Pick<Connection, 'closedAt' | 'openedAt' | 'lastId'>): boolean {
  if (closedAt !== null) return true;
  return typeof lastId === 'string' && snowflakeMs(lastId) >= Date.parse(openedAt);
}

function snowflakeMs(id: string): number {
  return Number((BigInt(id) >> 22n) + 1_288_834_974_657n);
}
