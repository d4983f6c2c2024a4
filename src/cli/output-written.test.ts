import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const MODULE = pathToFileURL(join(import.meta.dirname, 'output-written.ts')).href;

/** Writes ten million characters to its standard output and exits as commands do. */
const SCRIPT = `
  import { outputWritten } from ${JSON.stringify(MODULE)};
  process.stdout.on('error', () => process.exit(7));
  process.stdout.write('x'.repeat(10_000_000));
  await outputWritten([process.stdout, process.stderr]);
  process.exit(3);
`;

function start() {
  return spawn(process.execPath, ['--input-type=module', '-e', SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('what a command prints', () => {
  it('comes whole through a pipe before the command exits', async () => {
    const child = start();
    const exit = once(child, 'exit');
    expect((await text(child.stdout)).length).toBe(10_000_000);
    expect(await exit).toEqual([3, null]);
  });

  it('keeps nobody where the reader has gone', async () => {
    const child = start();
    child.stdout.destroy();
    expect((await once(child, 'exit'))[0]).toBe(7);
  });
});
