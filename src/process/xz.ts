/**
 * xz by the `xz` program where there is one, else by lzma-native (loaded then only). One thread makes one block, several make blocks of
 * two dictionaries each, whatever their number: so the bytes depend on the content, the level and whether it is one. xz itself would take
 * three: a hundredth smaller, but the last block of a file keeps one core busy while the others idle, and that takes as long as it is large.
 */
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { availableParallelism, setPriority, totalmem } from 'node:os';
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { MistnetError, causeText } from '../core/errors.ts';

export const xzLevels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
export type XzLevel = (typeof xzLevels)[number];

export type XzStream = {
  /** The bytes may be used again when the promise has resolved. */
  write(bytes: Buffer): Promise<void>;
  end(): Promise<void>;
  /** Ends at once, whatever has been written; nothing after a proper end. */
  stop(): Promise<void>;
};

/** Encoder and buffers of one thread, by level, in MiB: the table of xz's manual plus about five dictionaries. */
const THREAD_MIB = [5, 15, 30, 55, 70, 135, 135, 270, 530, 1000];

/** Of one block, by level, in bytes: two dictionaries of xz's presets, and a MiB at least. */
const BLOCK_BYTES = [0.5, 2, 4, 8, 8, 16, 16, 32, 64, 128].map((mib) => Math.max(1, mib) * 1_048_576);

/** As many threads as there are cores, but no more than a quarter of the machine's memory allows; at least 2, for blocks need them. */
export function xzThreads(level: XzLevel): number {
  const affordable = Math.floor(totalmem() / 4 / 1_048_576 / (THREAD_MIB[level] as number));
  return Math.max(2, Math.min(availableParallelism(), affordable));
}

/** How much a packer that gives way is nicer than its parent: it gets about a third of what another one gets of the same core. */
const GIVES_WAY = 5;

/** `givesWay`: where cores are scarce the others get more of them. */
export type XzOptions = { level: XzLevel; threads: number; givesWay?: boolean };

/** Starts packing into an open file. Throws `xz.missing` when there is neither the program nor a library that loads. */
export async function startXz(
  file: FileHandle,
  { level, threads, givesWay = false, program = 'xz' }: XzOptions & { program?: string },
  signal: AbortSignal,
): Promise<XzStream> {
  signal.throwIfAborted();
  const blocks = threads > 1 ? [`--block-size=${BLOCK_BYTES[level]}`] : [];
  const options = [`-${level}`, `--threads=${threads}`, ...blocks, '--check=crc64', '--format=xz', '--stdout'];
  const child = spawn(program, options, { stdio: ['pipe', file.fd, 'pipe'] });
  try {
    await once(child, 'spawn');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return startLibrary(file, { level, threads }, signal, causeText(error));
  }
  if (givesWay) giveWay(child);
  return new XzProgram(child, signal);
}

function giveWay({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, GIVES_WAY);
  } catch {
    // Ended already, or a parent that is nicer still: it packs as well without.
  }
}

class XzProgram implements XzStream {
  readonly #input: Writable;
  readonly #exit: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;
  #said = '';
  #ended = false;
  readonly #onAbort = () => this.#child.kill('SIGKILL');

  constructor(child: ChildProcess, signal: AbortSignal) {
    this.#child = child;
    this.#signal = signal;
    this.#input = child.stdin as Writable;
    // A broken pipe shows at the write and at the exit; the event itself must only not be thrown.
    this.#input.on('error', () => {});
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString()).slice(0, 1000);
    });
    this.#exit = new Promise((resolve) => child.once('close', (code) => resolve(code)));
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  async write(bytes: Buffer): Promise<void> {
    this.#signal.throwIfAborted();
    const failure = await new Promise<Error | null | undefined>((resolve) => this.#input.write(bytes, resolve));
    if (failure) await this.#fail();
  }

  async end(): Promise<void> {
    this.#input.end();
    if ((await this.#exit) !== 0) await this.#fail();
    this.#signal.throwIfAborted();
    this.#ended = true;
  }

  async stop(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (this.#ended) return;
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  async #fail(): Promise<never> {
    const code = await this.#exit;
    this.#signal.throwIfAborted();
    const reason = this.#said.trim().split('\n')[0] || `ended with ${code ?? 'a signal'}`;
    throw new MistnetError('file.unwritable', `xz could not write its file: ${reason}.`);
  }
}

/** As in xz's own header. The library's typings want its name, which its native part takes for no check at all. */
const CRC64 = 4 as unknown as 'CHECK_CRC64';

async function startLibrary(
  file: FileHandle,
  { level, threads }: XzOptions,
  signal: AbortSignal,
  whyNoProgram: string,
): Promise<XzStream> {
  let library: typeof import('lzma-native');
  try {
    library = await import('lzma-native');
  } catch (error) {
    throw new MistnetError(
      'xz.missing',
      `There is no xz program (${whyNoProgram}) and lzma-native does not load (${causeText(error)}): install xz-utils, or build without xz.`,
      { cause: error },
    );
  }
  const blocks = threads > 1 ? { blockSize: BLOCK_BYTES[level] as number } : {};
  const packer = library.createStream('easyEncoder', { preset: level, check: CRC64, threads, ...blocks });
  const onAbort = () => packer.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  const done = (async () => {
    for await (const packed of packer as AsyncIterable<Buffer>) await file.writeFile(packed);
  })();
  done.catch(() => {}); // seen at the next write or the end
  return {
    write: async (bytes) => {
      // The library keeps what it is given until a later call, so it gets a copy.
      signal.throwIfAborted();
      if (!packer.write(Buffer.from(bytes))) await Promise.race([once(packer, 'drain', { signal }), done]);
    },
    end: async () => {
      packer.end();
      await done;
    },
    stop: async () => {
      signal.removeEventListener('abort', onAbort);
      packer.destroy();
      await done.catch(() => {}); // stopped on purpose
    },
  };
}
