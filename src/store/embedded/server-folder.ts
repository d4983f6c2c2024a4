/** What lies in the folder of the embedded server: `data/`, the password, the port. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { MistnetError } from '../../core/errors.ts';
import type { Launcher } from './launcher.ts';

export const SUPERUSER = 'mistnet';

export type ServerFolder = { folder: string; data: string; password: string };

/**
 * Makes the folder ready: a random password (0600) and a cluster, made beside its place and renamed, so that a kill in between
 * leaves no half one. UTF-8, ordered by code point and independent of the system's locales, whose updates break indexes.
 */
export async function prepareServerFolder(
  folder: string,
  { launcher, major, log }: { launcher: Launcher; major: string; log: string },
): Promise<ServerFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await launcher.own(folder);
  const data = join(folder, 'data');
  const found = await readTextOrNone(join(data, 'PG_VERSION'));
  const password = await readOrMakePassword(join(folder, 'password'), launcher);
  if (found === undefined) await initialise(folder, data, launcher, log);
  else if (found.trim() !== major)
    throw new MistnetError(
      'postgres.start-failed',
      `The database in ${data} was made by PostgreSQL ${found.trim()}, this mistnet brings ${major}. Use the mistnet that made it, or another MISTNET_HOME.`,
    );
  return { folder, data, password };
}

async function initialise(folder: string, data: string, launcher: Launcher, log: string): Promise<void> {
  const fresh = `${data}.new`;
  await rm(fresh, { recursive: true, force: true });
  const end = await launcher.run('initdb', [
    ...['--pgdata', fresh, '--username', SUPERUSER, '--pwfile', join(folder, 'password')],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8'],
    ...['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
  ]);
  if (end.code !== 0) {
    await writeDurably(log, end.output, 0o600);
    throw new MistnetError(
      'postgres.start-failed',
      `The database could not be made in ${data}: ${lastLine(end.output)} (${log}).`,
    );
  }
  await rename(fresh, data);
}

/** The port of the last start, or a free one. Stored, so that other programs may note the address. */
export async function choosePort(folder: string, { fresh }: { fresh: boolean }): Promise<number> {
  const path = join(folder, 'port');
  const stored = Number(await readTextOrNone(path));
  if (!fresh && Number.isInteger(stored) && stored > 0 && stored < 65_536) return stored;
  const port = await freePort();
  await writeDurably(path, `${port}\n`, 0o600);
  return port;
}

async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.on('error', reject);
  server.listen({ host: '127.0.0.1', port: 0 }, () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
  });
  return promise;
}

async function readOrMakePassword(path: string, launcher: Launcher): Promise<string> {
  const found = await readTextOrNone(path);
  if (found !== undefined && found.trim() !== '') return found.trim();
  const password = randomBytes(24).toString('base64url');
  await writeDurably(path, `${password}\n`, 0o600);
  await launcher.own(path);
  return password;
}

/** Writes beside, fsyncs, renames: whoever reads sees the old or the new text. */
export async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  {
    await using file = await open(temporary, 'w', mode);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(temporary, path);
}

export async function readTextOrNone(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The size of a file; 0 when it is not there. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0; // unreadable is as good as empty: only its tail is looked at
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
