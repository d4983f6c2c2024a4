/** Where a role's log goes: the file that its standard output is. */
import { writeSync } from 'node:fs';

const WAITING_BYTES = 1024 * 1024;

/**
 * No log ends a role: pino's own destination throws when the disk is full, and Node hangs where it would report that to the same file.
 * Lines that the disk refuses wait for the next one, in order; of those beyond a mebibyte the number is told.
 */
export class LogFile {
  readonly #append: (bytes: Buffer) => number;
  readonly #now: () => Date;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #lost = 0;

  constructor(append = (bytes: Buffer): number => writeSync(1, bytes), now = (): Date => new Date()) {
    this.#append = append;
    this.#now = now;
  }

  write(line: string): void {
    if (this.#waitingBytes > WAITING_BYTES) this.#lost++;
    else this.#line(line);
    this.#flush();
    if (this.#lost === 0 || this.#waiting.length > 0) return;
    this.#line(
      `${JSON.stringify({ level: 40, time: this.#now().toISOString(), lines: this.#lost, msg: 'log.lost' })}\n`,
    );
    this.#lost = 0;
    this.#flush();
  }

  #line(line: string): void {
    const bytes = Buffer.from(line);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  #flush(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const written = this.#tryAppend(next);
      if (written === undefined) return;
      this.#waitingBytes -= written;
      if (written < next.length) this.#waiting[0] = next.subarray(written);
      else this.#waiting.shift();
    }
  }

  #tryAppend(bytes: Buffer): number | undefined {
    try {
      return this.#append(bytes);
    } catch {
      return undefined; // full, over quota, read-only: the next line tries again
    }
  }
}
