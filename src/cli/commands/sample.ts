import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { MistnetError, causeText } from '../../core/errors.ts';
import { readConfig, readXToken } from '../../config.ts';
import { openHttpStream } from '../../platforms/http-stream.ts';
import { LineSplitter } from '../../platforms/split-lines.ts';
import { sampleStream } from '../../platforms/x/sample-stream.ts';
import type { CommandContext } from '../context.ts';
import { parseDuration } from '../parse-duration.ts';

type SampleOptions = { count?: number; duration?: number; output?: string };

const LF = Buffer.from('\n');
const MAX_LINE_BYTES = 64 * 1024 * 1024;

export function addSampleCommand(program: Command, { environment }: CommandContext): void {
  program
    .command('sample')
    .description(
      "print posts of X's sample stream as they arrive: payloads as received, one a line; no server, no database",
    )
    .option('--count <n>', 'stop after so many posts', parseCount)
    .option('--duration <time>', 'stop after a time like 60s, 5m, 1h', parseDuration)
    .option('--output <file>', 'write into a file instead of the standard output')
    .action((options: SampleOptions) => printSample(options, environment));
}

async function printSample(
  { count = Number.POSITIVE_INFINITY, duration, output }: SampleOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  const { x } = readConfig(environment);
  const found = await readXToken(x);
  if ('missing' in found) throw new MistnetError('token.missing', found.missing);
  const adapter = sampleStream(x);
  const target = await openTarget(output);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const timer = duration === undefined ? undefined : setTimeout(() => stop.abort(), duration);
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  const control: { resume?: () => void } = {};
  let posts = 0;
  let isOpen = false;
  let heard = performance.now();
  let writing = Promise.resolve();
  const watch = setInterval(() => performance.now() - heard > x.heartbeatMs && stop.abort('silence'), 1000);
  const take = (lines: Buffer[]) => {
    if (lines.length === 0) return;
    const chunk = Buffer.concat(lines);
    writing = writing.then(() => target.write(chunk)).then(() => control.resume?.());
    writing.catch((error: unknown) => stop.abort(error));
  };
  try {
    const end = await openHttpStream(
      {
        ...adapter.request({ authorization: () => `Bearer ${found.token}`, backfillMinutes: 0 }),
        connectTimeoutMs: x.heartbeatMs,
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
            lines.push(Buffer.from(line.bytes.subarray(line.from, line.to)), LF);
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
        throw new MistnetError(
          'token.refused',
          `X refused the token (${refusal.sentence}). Correct MISTNET_X_BEARER_TOKEN or MISTNET_X_BEARER_TOKEN_FILE.`,
        );
      throw new MistnetError('platform.refused', `X refused the stream (${refusal.sentence}).`);
    }
    if (end.kind === 'lost' && !stop.signal.aborted)
      throw new MistnetError(
        'platform.unreachable',
        isOpen
          ? `The stream of ${x.apiUrl} broke after ${posts} posts: ${end.cause}.`
          : `${x.apiUrl} cannot be reached: ${end.cause}.`,
      );
    if (stop.signal.reason === 'silence')
      throw new MistnetError(
        'platform.unreachable',
        `${x.apiUrl} sent nothing for ${x.heartbeatMs / 1000} s; ${posts} posts were printed.`,
      );
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
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

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return count;
}
