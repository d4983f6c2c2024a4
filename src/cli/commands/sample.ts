import type { Command } from 'commander';
import { readConfig, readXToken } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { sampleStream } from '../../platforms/x/sample-stream.ts';
import type { CommandContext } from '../context.ts';
import { parseDuration } from '../parse-duration.ts';
import { parsePosts, printStream } from '../print-stream.ts';

type SampleOptions = { count?: number; duration?: number; output?: string };

export function addSampleCommand(program: Command, { environment }: CommandContext): void {
  program
    .command('sample')
    .description(
      "print posts of X's sample stream as they arrive: payloads as received, one a line; no server, no database",
    )
    .option('--count <n>', 'stop after so many posts', parsePosts)
    .option('--duration <time>', 'stop after a time like 60s, 5m, 1h', parseDuration)
    .option('--output <file>', 'write into a file instead of the standard output')
    .action((options: SampleOptions) => printSample(options, environment));
}

async function printSample(options: SampleOptions, environment: CommandContext['environment']): Promise<void> {
  const { x } = readConfig(environment);
  const found = await readXToken(x);
  if ('missing' in found) throw new MistnetError('token.missing', found.missing);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await printStream({
    ...options,
    ...{ adapter: sampleStream(x), authorization: () => `Bearer ${found.token}`, signal: stop.signal },
    ...{ apiUrl: x.apiUrl, heartbeatMs: x.heartbeatMs },
    advice: 'Correct MISTNET_X_BEARER_TOKEN or MISTNET_X_BEARER_TOKEN_FILE.',
  });
}
