import { DEFAULT_PORT, HELP, readFlags, UsageError } from './flags.ts';
import { ReplayError } from './replay/load-replay.ts';
import { ImportError } from './import/read-import.ts';
import { SettingsError } from './limits/settings-json.ts';
import { ScenarioError } from './scenario/scenario.ts';
import { type EmulatorOptions, startEmulator } from './start-emulator.ts';

const say = (sentence: string): void => console.error(sentence);

process.exitCode = await main(process.argv.slice(2));
// Nothing is left to do; a client that still holds a socket must not keep us.
process.exit();

async function main(args: readonly string[]): Promise<number> {
  let options: EmulatorOptions | undefined;
  try {
    options = readFlags(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    say(`mistnet-emulator: ${error.message}\nTry mistnet-emulator --help.`);
    return 2;
  }
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  return run(options);
}

async function run(options: EmulatorOptions): Promise<number> {
  const ended = endAsked();
  try {
    await using emulator = await startEmulator({
      ...options,
      tell: (sentence) => say(`mistnet-emulator: ${sentence}`),
    });
    say(`emulator listening on ${emulator.url} (${describe(options)})`);
    await ended;
    return 0;
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) {
      say(
        `mistnet-emulator: port ${options.port ?? DEFAULT_PORT} is in use; choose another with --port, or any free one with --port 0.`,
      );
    } else if (hasCode(error, 'EACCES')) {
      say(
        `mistnet-emulator: port ${options.port ?? DEFAULT_PORT} may not be used by this user; choose one above 1023.`,
      );
    } else if (
      [ReplayError, ScenarioError, ImportError, SettingsError].some((kind) => error instanceof kind) &&
      error instanceof Error
    ) {
      say(`mistnet-emulator: ${error.message}`);
    } else throw error;
    return 1;
  }
}

/** Resolves at SIGTERM or SIGINT, or when the parent that spawned us with a channel has gone. */
function endAsked(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    if (process.channel !== undefined) process.once('disconnect', () => resolve());
  });
}

function describe({ seed, rate, replay }: EmulatorOptions): string {
  const pace = rate === 'max' ? 'flat out' : `${rate} posts/s`;
  return replay === undefined ? `seed ${seed}, ${pace}` : `replay of ${replay.length} files, ${pace}`;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
