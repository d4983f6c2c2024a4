import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longer lines are no ids: nothing more of them is kept. */
const LONGEST_LINE = 64;
/** Other calls get their turn after so many ids. */
const IDS_A_TURN = 500;
const ID = /^\d{1,19}$/;

/** Takes a list of ids, one a line, in pieces of any size; what becomes of each id is kept, the list is not. */
export class UploadIntake {
  /** Bytes taken so far. */
  bytes = 0;
  ids = 0;
  /** Lines that are neither ids nor blank. */
  faults = 0;
  readonly results: string[] = [];
  readonly #lineOf: (id: string) => string | undefined;
  #line = '';

  /** @param lineOf the result's line about an id, if there is one */
  constructor(lineOf: (id: string) => string | undefined) {
    this.#lineOf = lineOf;
  }

  async take(piece: Buffer): Promise<void> {
    this.bytes += piece.length;
    const lines = piece.toString('latin1').split('\n');
    for (const [n, text] of lines.entries()) {
      if (n > 0) this.#endLine();
      this.#line += text.slice(0, Math.max(0, LONGEST_LINE - this.#line.length));
      if (n % IDS_A_TURN === IDS_A_TURN - 1) await nextTurn();
    }
  }

  /** The last line may lack its end. */
  finish(): void {
    this.#endLine();
  }

  #endLine(): void {
    const id = this.#line.trim();
    this.#line = '';
    if (id === '') return;
    if (!ID.test(id)) {
      this.faults++;
      return;
    }
    this.ids++;
    const result = this.#lineOf(id);
    if (result !== undefined) this.results.push(result);
  }
}
