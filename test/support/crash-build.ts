/**
 * A program that builds an hour and kills itself at a named point, as a power cut would. Arguments: folder of inputs, output, point
 * (`reading`, `written:<output>`, `publishing:<step>`, or `none`).
 */
import { collectInputFiles } from '../../src/process/input-files.ts';
import { build } from './hours.ts';

const [inputs = '', output = '', point = ''] = process.argv.slice(2);
const { manifest } = await build({
  nodes: [{ name: 'one', files: await collectInputFiles(inputs) }],
  output,
  onProgress: (progress) => {
    const here =
      progress.stage === 'written'
        ? `written:${progress.output}`
        : progress.stage === 'publishing'
          ? `publishing:${progress.step}`
          : progress.stage;
    if (here === point) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write(`${manifest.revision}\n`);
