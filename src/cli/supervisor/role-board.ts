/** What the supervisor knows of its roles, in a file of the home for whoever tells the database: it has no connection of its own. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** No plan can have this name, and no reader of plans' status takes it for one. */
export const ROLES_FILE = 'roles.state';

export type BoardRole = {
  role: string;
  state: 'starting' | 'running' | 'waiting' | 'ended';
  pid: number | null;
  startedAt: string | null;
  restarts: number;
  lastExit: { at: string; how: string } | null;
  nextTryAt: string | null;
};

/** Only people look at it: a change that cannot be written is no reason to end anything, and the next one is written whole. */
export class RoleBoard {
  readonly #path: string;
  readonly #startedAt: string;
  readonly #roles = new Map<string, BoardRole>();
  #writing: Promise<void> = Promise.resolve();

  constructor(runFolder: string, startedAt: Date) {
    this.#path = join(runFolder, ROLES_FILE);
    this.#startedAt = startedAt.toISOString();
  }

  /** Notes a change; changes are written in order. */
  note(role: string, change: Partial<BoardRole>): void {
    const fresh = {
      state: 'starting',
      pid: null,
      startedAt: null,
      restarts: 0,
      lastExit: null,
      nextTryAt: null,
    } as const;
    this.#roles.set(role, { ...fresh, ...this.#roles.get(role), ...change, role });
    this.#writing = this.#writing.then(() => this.#write());
  }

  roleNow(role: string): BoardRole | undefined {
    return this.#roles.get(role);
  }

  async written(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const text = JSON.stringify({ pid: process.pid, startedAt: this.#startedAt, roles: [...this.#roles.values()] });
    try {
      await writeFile(`${this.#path}.tmp`, text);
      await rename(`${this.#path}.tmp`, this.#path);
    } catch {
      // a full disk, perhaps: the next change is written whole
    }
  }
}
