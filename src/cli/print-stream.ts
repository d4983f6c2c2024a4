/** Prints a stream's lines as they arrive: payloads as received, one a line. */
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { causeText, MistnetError } from '../core/errors.ts';
import type { StreamAdapter } from '../platforms/adapter.ts';
import type { Authorize } from '../platforms/permit-source.ts';
import { openHttpStream } from '../platforms/http-stream.ts';
import { LineSplitter } from '../platforms/split-lines.ts';

export type PrintStreamOptions = {
  adapter: StreamAdapter;
  authorization: Authorize;
  /** For messages. */
  apiUrl: string;
  heartbeatMs: number;
  /** Stop after so many posts; after so many ms. */
  count?: number;
  duration?: number;
  /** A file, instead of the standard output. */
  output?: string;
  /** Which lines are printed; all unless given. */
  keeps?: (line: Buffer) => boolean;
  /** What is said when the platform does not take the credential. */
  advice: string;
  signal: AbortSignal;
};

const LF = Buffer.from('\n');
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Until so many posts came, the time is over, the signal aborts or the stream ends. Throws `token.refused`, `platform.refused`, `platform.unreachable`, `file.unwritable`. */
export async function printStream(options: PrintStreamOptions): Promise<void> {
  const { adapter, authorization, apiUrl, heartbeatMs, duration, keeps = () => true } = options;
  const { count = Number.POSITIVE_INFINITY } = options;
  const target = await openTarget(options.output);
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  options.signal.addEventListener('abort', onAbort);
  if (options.signal.aborted) stop.abort();
  const timer = duration === undefined ? undefined : setTimeout(() => stop.abort(), duration);
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  const control: { resume?: () => void } = {};
  let posts = 0;
  let isOpen = false;
  let heard = performance.now();
  let writing = Promise.resolve();
  const watch = setInterval(() => performance.now() - heard > heartbeatMs && stop.abort('silence'), 1000);
  const take = (lines: Buffer[]) => {
    if (lines.length === 0) return;
    const chunk = Buffer.concat(lines);
    writing = writing.then(() => target.write(chunk)).then(() => control.resume?.());
    writing.catch((error: unknown) => stop.abort(error));
  };
  try {
    const end = await openHttpStream(
      {
        ...adapter.request({ authorization, backfillMinutes: 0 }),
        connectTimeoutMs: heartbeatMs,
        signal: stop.signal,
      },
      {
        onOpen: () => {
          isOpen = true;
        },
        onBytes: (chunk) => {
          heard = performance.now();
          const lines: Buffer[] = [];
          splitter.push(chunk, (line) => {
            if (line.from === line.to || posts >= count) return;
            const copy = Buffer.from(line.bytes.subarray(line.from, line.to));
            if (!keeps(copy)) return;
            lines.push(copy, LF);
            if (adapter.classifyLine(line.bytes, line.from, line.to).kind === 'post') posts++;
          });
          take(lines);
          if (posts >= count) stop.abort();
          return false; // read on when this is written
        },
      },
      control,
    );
    await writing;
    if (end.kind === 'refused') {
      const refusal = adapter.readRefusal({
        status: end.answer.status,
        headers: end.answer.headers,
        body: end.body,
        askedBackfill: false,
      });
      if (refusal.kind === 'token-refused')
        throw new MistnetError('token.refused', `X refused the token (${refusal.sentence}). ${options.advice}`);
      throw new MistnetError('platform.refused', `X refused the stream (${refusal.sentence}).`);
    }
    if (end.kind === 'lost' && !stop.signal.aborted)
      throw new MistnetError(
        'platform.unreachable',
        isOpen
          ? `The stream of ${apiUrl} broke after ${posts} ${posts === 1 ? 'post' : 'posts'}: ${end.cause}.`
          : `${apiUrl} cannot be reached: ${end.cause}.`,
      );
    if (stop.signal.reason === 'silence')
      throw new MistnetError(
        'platform.unreachable',
        `${apiUrl} sent nothing for ${heartbeatMs / 1000} s; ${posts} ${posts === 1 ? 'post was' : 'posts were'} printed.`,
      );
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    options.signal.removeEventListener('abort', onAbort);
    await target.close();
  }
}

type Target = { write(chunk: Buffer): Promise<void>; close(): Promise<void> };

async function openTarget(output: string | undefined): Promise<Target> {
  if (output === undefined) {
    return {
      write: async (chunk) => {
        if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
      },
      close: async () => {},
    };
  }
  try {
    const file = await open(output, 'w');
    return { write: (chunk) => file.writeFile(chunk), close: () => file.close() };
  } catch (error) {
    throw new MistnetError('file.unwritable', `${output} cannot be written: ${causeText(error)}.`, { cause: error });
  }
}

/** An option's number of posts. */
export function parsePosts(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return count;
}
