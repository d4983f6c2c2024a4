import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import type { Command } from 'commander';
import { causeText, MistnetError } from '../../core/errors.ts';
import { OPEN_SUFFIX, SEALED_SUFFIX } from '../../capture/segment/layout.ts';
import { readFrames } from '../../capture/segment/read-frames.ts';
import { recoverFile } from '../../capture/segment/recover-file.ts';
import { verifySegment } from '../../capture/segment/verify.ts';
import { classifyLine } from '../../platforms/x/classify-line.ts';
import type { CommandContext } from '../context.ts';
import { eachFile } from '../each-file.ts';
import { formatQuantity } from '../format.ts';
import { resolve } from 'node:path';

export function addSegmentCommands(program: Command, { setExitCode }: CommandContext): void {
  const segment = program.command('segment').description('look into segment files, open or sealed');
  segment
    .command('cat')
    .description('print the payloads of a segment, one a line, as they were received')
    .argument('<file...>', 'files ending in .jsonl or .jsonl.zst')
    .option('--frames', 'print whole frames: when, from where, payload')
    .action(async (files: string[], options: { frames?: true }) => {
      for (const file of files) await readable(file, () => printSegment(file, options.frames === true));
    });
  segment
    .command('verify')
    .description('compare segments with their manifests; exit code 3 when one differs')
    .argument('<file...>', 'files ending in .jsonl or .jsonl.zst')
    .action(async (files: string[]) => {
      await eachFile(files, setExitCode, async (file) => {
        const { frames, bytes, differences } = await readable(file, () => verifySegment(file, classifyLine));
        process.stdout.write(
          differences.length === 0
            ? `${file}: ok, ${frames} ${frames === 1 ? 'frame' : 'frames'}, ${bytes} bytes\n`
            : differences.map((difference) => `${file}: ${difference}\n`).join(''),
        );
        return differences.length === 0 ? 'ok' : 'differs';
      });
    });
  segment
    .command('recover')
    .description(
      'seal segments that a dead node left open, and make lost manifests anew; exit code 3 when a file is damaged',
    )
    .argument('<file...>', 'files ending in .jsonl or .jsonl.zst, in the folder of their plan')
    .action(async (files: string[]) => {
      await eachFile(files, setExitCode, async (file) => {
        const recovery = await readable(file, () => recoverFile(resolve(file), classifyLine));
        const { outcome, tornBytes, quarantineFolder } = recovery;
        const torn =
          tornBytes === 0
            ? ''
            : `; ${formatQuantity(tornBytes, 'byte')} of an unfinished frame went to ${quarantineFolder}`;
        const frames = 'manifest' in recovery ? `, ${formatQuantity(recovery.manifest.frames, 'frame')}` : '';
        const what = {
          sealed: 'sealed',
          described: 'its manifest was made anew',
          whole: 'whole already',
          empty: 'held no whole frame and is gone',
        };
        process.stdout.write(`${file}: ${what[outcome]}${frames}${torn}\n`);
        return 'ok';
      });
    });
}

async function printSegment(file: string, wholeFrames: boolean): Promise<void> {
  const frames = readFrames(file);
  let step = await frames.next();
  for (; !step.done; step = await frames.next()) {
    const lines = step.value.map(({ payload, at, platform, endpoint, session }) =>
      wholeFrames
        ? Buffer.from(`${JSON.stringify({ at, platform, endpoint, session, payload: payload.toString('utf8') })}\n`)
        : Buffer.concat([payload, Buffer.from('\n')]),
    );
    if (!process.stdout.write(Buffer.concat(lines))) await once(process.stdout, 'drain');
  }
  const { end, torn, damaged } = step.value;
  if (damaged !== undefined)
    throw new MistnetError(
      'segment.damaged',
      `${file}: no frame at byte ${damaged.offset} (${damaged.reason}); what follows was not printed.`,
    );
  if (torn > 0)
    process.stderr.write(
      `mistnet: ${file}: ${torn} ${torn === 1 ? 'byte' : 'bytes'} of an unfinished frame at byte ${end} ${torn === 1 ? 'was' : 'were'} left out.\n`,
    );
}

/** Runs the work on a file that must exist; a file that cannot be read is a sentence, not a stack. */
async function readable<T>(file: string, work: () => Promise<T>): Promise<T> {
  if (!file.endsWith(OPEN_SUFFIX) && !file.endsWith(SEALED_SUFFIX))
    throw new MistnetError(
      'segment.unreadable',
      `${file} is no segment: its name ends neither in ${OPEN_SUFFIX} nor in ${SEALED_SUFFIX}.`,
    );
  try {
    const probe = createReadStream(file, { end: 0 });
    await once(probe, 'readable');
    probe.destroy();
    return await work();
  } catch (error) {
    if (error instanceof MistnetError) throw error;
    throw new MistnetError('segment.unreadable', `${file} cannot be read: ${causeText(error)}.`, { cause: error });
  }
}
