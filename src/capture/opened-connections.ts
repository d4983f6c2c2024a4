/** When a plan's connections were opened, kept over crashes: so that one which the platform still takes for open is known as ours. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { OpenedConnection } from '../platforms/adapter.ts';
import { writeDurably } from './durable-file.ts';

/** A platform forgets a connection within minutes; a stream that is opened often shall not grow a file. */
const MOST_KEPT = 20;

const schema = z.object({
  format: z.literal(1),
  opened: z.array(z.object({ fromMs: z.number(), toMs: z.number() })),
});

/** `connections-<node>.json` in a plan's folder. What the disk refuses is known until the process ends. */
export class OpenedConnections {
  readonly #path: string;
  #opened: OpenedConnection[];

  private constructor(path: string, opened: OpenedConnection[]) {
    this.#path = path;
    this.#opened = opened;
  }

  /** Those that earlier processes opened; none where the file is missing or damaged, for it only spares waiting. */
  static async of(planFolder: string, node: string): Promise<OpenedConnections> {
    const path = join(planFolder, `connections-${node}.json`);
    const text = await readFile(path, 'utf8').catch(() => '');
    return new OpenedConnections(path, readOpened(text));
  }

  get all(): readonly OpenedConnection[] {
    return this.#opened;
  }

  /** Notes one that was asked for at `fromMs` and open at `toMs`, by this machine's clock. */
  async add(opened: OpenedConnection): Promise<void> {
    this.#opened = [...this.#opened, opened].slice(-MOST_KEPT);
    await this.#write();
  }

  /** Forgets those that were ended. */
  async remove(ended: readonly OpenedConnection[]): Promise<void> {
    this.#opened = this.#opened.filter((each) => !ended.includes(each));
    await this.#write();
  }

  async #write(): Promise<void> {
    try {
      await writeDurably(this.#path, JSON.stringify({ format: 1, opened: this.#opened }));
    } catch {
      // The disk refuses, which the stream says itself; a crash now only means waiting on the ladder.
    }
  }
}

function readOpened(text: string): OpenedConnection[] {
  try {
    return schema.parse(JSON.parse(text)).opened;
  } catch {
    return []; // none yet, or not ours
  }
}
