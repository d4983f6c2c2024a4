/** What every command gets beside its options. */
import { readFileSync } from 'node:fs';

export type Environment = Record<string, string | undefined>;

/** What a command gets beside its options. `setExitCode`: for results that are no failure, as differences found by a verify. */
export type CommandContext = { environment: Environment; setExitCode: (code: number) => void };

/** The version of package.json. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
