/** The emulator as a program of its own, and what it knows to be true. */
import { EMULATOR, type Program, type Workbench } from './workbench.ts';

export type Connection = {
  id: string;
  path: string;
  openedAt: string;
  closedAt: string | null;
  reason: string | null;
  sent: number;
};

export type FaultWish = { kind: string; after?: number; count?: number };

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
  /** How often each ordered fault has struck. */
  struck(): Promise<{ kind: string; struck: number; count: number }[]>;
};

/** Starts it on a free port. */
export async function startEmulator(bench: Workbench, args: string[]): Promise<EmulatorProgram> {
  const program = bench.start(EMULATOR, ['--port', '0', ...args]);
  const [, url = ''] = await program.hears(/listening on (http:\S+)/);
  const get = async (path: string) => {
    const response = await fetch(new URL(path, url));
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.text();
  };
  const connections = async () =>
    (JSON.parse(await get('/_emulator/truth')) as { connections: Connection[] }).connections;
  const ids = async (connection: string) => lines(await get(`/_emulator/truth/ids?connection=${connection}`));
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
    fault: async (wish) => {
      const response = await fetch(new URL('/_emulator/faults', url), { method: 'POST', body: JSON.stringify(wish) });
      if (response.status !== 201) throw new Error(`fault ${JSON.stringify(wish)}: ${await response.text()}`);
    },
    struck: async () =>
      (JSON.parse(await get('/_emulator/faults')) as { faults: { kind: string; struck: number; count: number }[] })
        .faults,
  };
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
