import { type Command, Option } from 'commander';
import { type IdKind, idsOfLine } from '../../platforms/x/read/ids-of-json.ts';
import { openOutput } from '../exact-output.ts';
import { formatCount, formatQuantity } from '../format.ts';
import { readLines } from '../input-lines.ts';

type DehydrateOptions = { output?: string; idType: 'tweets' | 'users' };

const WRITE_BYTES = 64 * 1024;

export function addDehydrateCommand(program: Command): void {
  program
    .command('dehydrate')
    .description(
      'print the ids of posts, one a line, out of JSON Lines of any known shape: what may be shared of a collection',
    )
    .argument(
      '<infile>',
      'pages, flattened posts, lines of a stream, statuses of v1.1, frames of a segment; .gz and .zst, too; - for the standard input',
    )
    .argument('[outfile]', 'the same as --output')
    .option('--output <file>', 'write into a file instead of the standard output')
    .addOption(
      new Option('--id-type <kind>', "ids of posts, or of the posts' authors")
        .choices(['tweets', 'users'])
        .default('tweets'),
    )
    .action((infile: string, outfile: string | undefined, options: DehydrateOptions) =>
      dehydrate(infile, outfile ?? options.output, options.idType === 'users' ? 'accounts' : 'posts'),
    );
}

async function dehydrate(infile: string, target: string | undefined, kind: IdKind): Promise<void> {
  await using output = await openOutput(target);
  const counted = { ids: 0, lines: 0, damaged: 0, unknown: 0 };
  let waiting = '';
  for await (const line of readLines(infile)) {
    counted.lines += 1;
    const found = idsOfLine(line, kind);
    if (found === undefined) {
      counted.unknown += 1;
      continue;
    }
    counted.damaged += found.damaged;
    counted.ids += found.ids.length;
    for (const id of found.ids) waiting += `${id}\n`;
    if (waiting.length < WRITE_BYTES) continue;
    await output.write(Buffer.from(waiting));
    waiting = '';
  }
  if (waiting !== '') await output.write(Buffer.from(waiting));
  await output.settle();
  const left = [
    ...(counted.unknown === 0
      ? []
      : [
          `${formatQuantity(counted.unknown, 'line')} of no known shape ${counted.unknown === 1 ? 'was' : 'were'} left out`,
        ]),
    ...(counted.damaged === 0
      ? []
      : [`${formatCount(counted.damaged)} damaged ids (rounded or cut on their way) were left out`]),
  ];
  process.stderr.write(
    `mistnet: ${[`${formatQuantity(counted.ids, 'id')} of ${formatQuantity(counted.lines, 'line')}`, ...left].join('; ')}.\n`,
  );
}
