/** Notes what a node's frames mean from now on, in the file beside its segments. Only the process that appends the frames does so. */
import { closeSync, fdatasyncSync, fstatSync, openSync, writeSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { crashPoint } from '../../core/crash-point.ts';
import type { StreamMeaning } from '../../core/rules/meaning.ts';
import type { Clock } from '../../core/time.ts';
import { syncFolder } from '../durable-file.ts';
import { applied, changedSince, type MeaningLine, meaningPath, wholeLine } from './meaning-line.ts';
import { MeaningReader } from './meaning-reader.ts';

/** Frames that name a rule come up to so long after it was deleted, back-filled minutes included. */
const RULE_LINGERS_MS = 15 * 60_000;
/** All that is in force is said again after so many bytes of changes, and after so many times its own size. */
const CHANGES_BYTES = 64 * 1024;
const CHANGES_TIMES = 4;

export class MeaningLog {
  readonly #planFolder: string;
  readonly #path: string;
  #known: StreamMeaning | undefined;
  #atMs = 0;
  /** How long the file is, and how much was said since everything was. */
  #bytes = 0;
  #sinceWhole = 0;
  /** When each rule that is known but not in force any more left, by its first name. */
  readonly #left = new Map<string, number>();

  private constructor(planFolder: string, node: string) {
    this.#planFolder = planFolder;
    this.#path = meaningPath(planFolder, node);
  }

  /** Reads what was noted before, whatever its length keeping only what is in force. */
  static async open(planFolder: string, node: string): Promise<MeaningLog> {
    await mkdir(planFolder, { recursive: true });
    const log = new MeaningLog(planFolder, node);
    log.#bytes = await endLastLine(log.#path);
    const reader = new MeaningReader(planFolder, node);
    await reader.refresh((line) => {
      const size = JSON.stringify(line).length;
      log.#sinceWhole = line.whole === true ? 0 : log.#sinceWhole + size;
    });
    const last = reader.at(Number.POSITIVE_INFINITY);
    log.#known = last?.meaning;
    log.#atMs = last?.fromMs ?? 0;
    return log;
  }

  /**
   * Notes a meaning from now on, between two frames: from the look at the clock on it blocks until the line is on the disk, so that no frame of a later
   * instant is there before it. Nothing is written where nothing changed. After an error the log must be opened anew.
   */
  async note(meaning: StreamMeaning, clock: Clock): Promise<void> {
    const isNew = this.#bytes === 0;
    // From here to the end of the block nothing else of this process runs.
    {
      const line = this.#lineFor(meaning, clock.now());
      if (line === undefined) return;
      this.#append(`${JSON.stringify(line)}\n`);
      this.#known = applied(this.#known, line);
      this.#atMs = Date.parse(line.at);
    }
    if (isNew) await syncFolder(this.#planFolder);
    // crash point meaning.noted: recovery must not note again what is in the file, and must tell that it knows it.
    crashPoint('meaning.noted');
  }

  #lineFor(meaning: StreamMeaning, nowMs: number): MeaningLine | undefined {
    const atMs = Math.max(nowMs + 1, this.#atMs + 1);
    const change = changedSince(this.#known, meaning, atMs);
    if (change === undefined) return undefined;
    const bytes = JSON.stringify(change).length;
    this.#noteLeft(meaning, nowMs);
    this.#sinceWhole += bytes;
    if (this.#sinceWhole < CHANGES_BYTES) return change;
    const isLingering = ({ names: [name = ''] }: StreamMeaning['rules'][number]) =>
      (this.#left.get(name) ?? Number.NEGATIVE_INFINITY) > nowMs - RULE_LINGERS_MS;
    const whole = wholeLine(
      { ...meaning, rules: [...(this.#known?.rules ?? []).filter(isLingering), ...meaning.rules] },
      atMs,
    );
    if (this.#sinceWhole < CHANGES_TIMES * JSON.stringify(whole).length) return change;
    this.#sinceWhole = 0;
    for (const [name, leftMs] of this.#left) if (leftMs <= nowMs - RULE_LINGERS_MS) this.#left.delete(name);
    return whole;
  }

  #noteLeft(meaning: StreamMeaning, nowMs: number): void {
    const present = new Set(meaning.rules.map(({ names }) => names[0]));
    for (const name of present) this.#left.delete(name ?? '');
    for (const {
      names: [name = ''],
    } of this.#known?.rules ?? [])
      if (!present.has(name) && !this.#left.has(name)) this.#left.set(name, nowMs);
  }

  #append(text: string): void {
    const file = openSync(this.#path, 'a', 0o644);
    try {
      if (fstatSync(file).size !== this.#bytes) throw new Error(`${this.#path} was changed by somebody else`);
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fdatasyncSync(file);
      this.#bytes += bytes.length;
    } finally {
      closeSync(file);
    }
  }
}

/**
 * Ends what a kill left of a line, so that it is read as what it is: no JSON, or all of it. Returns how long the file is then; an absent one is
 * empty.
 */
async function endLastLine(path: string): Promise<number> {
  try {
    await using file = await open(path, 'r+');
    const { size } = await file.stat();
    if (size === 0) return 0;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer[0] === 10) return size;
    await file.write('\n', size);
    await file.datasync();
    return size + 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return 0;
  }
}
