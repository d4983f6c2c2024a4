#!/usr/bin/env node
/** The command `mistnet`: parses, calls, prints. The only place that ends the process. */
import { causeText, MistnetError } from '../core/errors.ts';
import { outputWritten } from './output-written.ts';

const MIN_MAJOR = 24;

async function main(): Promise<number> {
  if (Number.parseInt(process.versions.node, 10) < MIN_MAJOR) {
    process.stderr.write(
      `mistnet: Node ${process.versions.node} is too old; run bin/mistnet, which uses the pinned Node ${MIN_MAJOR}, after 'npm ci'.\n`,
    );
    return 1;
  }
  // A reader that stops early (`| head`) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    const { runCommandLine } = await import('./command-line.ts');
    return await runCommandLine(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`mistnet: ${describeFailure(error)}\n`);
    return error instanceof MistnetError ? error.exitCode : 1;
  }
}

/** One sentence for a failure that a person can mend; the whole stack only for one that is ours to mend. */
function describeFailure(error: unknown): string {
  if (error instanceof MistnetError) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && syscall !== undefined) return causeText(error);
  return `this is a fault of mistnet, please report it:\n${error instanceof Error ? error.stack : String(error)}`;
}

const exitCode = await main();
await outputWritten([process.stdout, process.stderr]);
process.exit(exitCode);
