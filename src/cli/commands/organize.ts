import { type Command, Option } from 'commander';
import { organize } from '../../archive/organize.ts';
import { systemClock } from '../../core/time.ts';
import type { CommandContext } from '../context.ts';
import { formatCount } from '../format.ts';
import { parseDuration } from '../parse-duration.ts';

/** Twice the 15 minutes after which a collector begins a new file. */
const TWO_INTERVALS_MS = 30 * 60_000;

export function addOrganizeCommand(program: Command, { setExitCode }: CommandContext): void {
  program
    .command('organize')
    .description("put Social Feed Manager's flat stream files into folders by hour: PREFIX/YYYY/MM/DD/HH/, names kept")
    .argument(
      '<folder>',
      'holds files like streamsample-2016-03-01T14-30-00Z.gz or twitterfilter-3-2016-03-01T14:30:00Z.gz',
    )
    .addOption(
      new Option('--older-than <time>', 'leave files that were changed within this time')
        .argParser(parseDuration)
        .default(TWO_INTERVALS_MS, '30m'),
    )
    .option('--dry-run', 'only say what would be moved')
    .action(async (folder: string, { olderThan, dryRun }: { olderThan: number; dryRun?: true }) => {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const summary = await organize({
        folder,
        untilMs: systemClock.now() - olderThan,
        dryRun: dryRun === true,
        signal: stop.signal,
        onFile: (file) => {
          if (file.outcome === 'unable') process.stderr.write(`mistnet: unable to move ${file.file}: ${file.reason}\n`);
          else
            process.stdout.write(`${file.outcome === 'moved' ? 'moved' : 'would move'} ${file.file} to ${file.to}\n`);
        },
      });
      if (stop.signal.aborted) setExitCode(1);
      const { moved, unable, young, others } = summary;
      process.stderr.write(
        `${formatCount(moved)} ${dryRun === true ? 'to be moved' : 'moved'}, ${formatCount(unable)} unable, ${formatCount(young)} too young, ${formatCount(others)} other files left alone\n`,
      );
      if (unable > 0) setExitCode(1);
    });
}
