/** The data folder: made, checked, named, and held by one supervisor at a time. */
import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, readFile, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeDurably } from '../../capture/durable-file.ts';
import { causeText, MistnetError } from '../../core/errors.ts';

/** Grows when an older mistnet could not read a home any more. */
const HOME_FORMAT = 1;

/** Makes the home if there is none and checks that it is ours to use. Throws `home.unusable` or `home.newer`. */
export async function prepareHome(home: string): Promise<void> {
  try {
    await makeFolder(home);
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new MistnetError(
      'home.unusable',
      `The data folder ${home} cannot be used: ${causeText(error)}. Correct its rights or set MISTNET_HOME to another.`,
      { cause: error },
    );
  }
  const path = join(home, 'home.json');
  const format = await readFormat(path);
  if (format === undefined) await saveHome(path, home);
  else if (format > HOME_FORMAT) {
    throw new MistnetError(
      'home.newer',
      `The data folder ${home} was written by a newer mistnet (format ${format}; this one knows ${HOME_FORMAT}). Use that version or another folder.`,
    );
  }
}

/** This machine's name in segments: the setting, or the one made on first use and kept in `node-name`. */
export async function nodeName(home: string, configured: string | undefined): Promise<string> {
  if (configured !== undefined) return configured;
  const path = join(home, 'node-name');
  const saved = await readTextOrNone(path);
  if (saved !== undefined && /^[a-z0-9_]{1,32}$/.test(saved.trim())) return saved.trim();
  if (saved !== undefined)
    throw new MistnetError(
      'home.unusable',
      `${path} holds no name of 1 to 32 of a-z, 0-9, _. Correct it or set MISTNET_NODE.`,
    );
  // The host's name makes it readable; what follows keeps two machines of one name apart.
  const host = hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 20);
  const name = `${host === '' ? 'node' : host}_${randomBytes(3).toString('hex')}`;
  await writeDurably(path, `${name}\n`);
  return name;
}

/** Released by disposing, and by the system when the process dies however it dies: a stale lock cannot exist. */
export type HomeLock = AsyncDisposable;

/**
 * Takes the lock `name` of a home; waits at most `waitMs` for another holder to end. Undefined when it is still held. The lock is an
 * abstract socket bound to the folder's identity, so it works through links too; it leaves no file behind.
 */
export async function takeLock(home: string, name: LockName, waitMs = 0): Promise<HomeLock | undefined> {
  const path = await lockPath(home, name);
  for (let waitedMs = 0; ; waitedMs += 100) {
    const lock = await listenOn(path);
    if (lock !== undefined || waitedMs >= waitMs) return lock;
    await sleep(100);
  }
}

/**
 * `supervisor`: by the one `start` of a home. `postgres`: by whoever started its PostgreSQL and will stop it, a supervisor or a command.
 * `serving`: by a supervisor whose PostgreSQL is up, so others may use it. The roles hold locks of their own names.
 */
export type LockName = 'supervisor' | 'postgres' | 'serving' | 'capture' | 'worker' | 'server';

/** Whether a mistnet runs in this home now, its PostgreSQL up; false where there is no home yet. */
export async function isServed(home: string): Promise<boolean> {
  try {
    return await answers(await lockPath(home, 'serving'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function lockPath(home: string, name: LockName): Promise<string> {
  const { dev, ino } = await stat(home);
  return `\0mistnet-${name}-${dev}-${ino}`;
}

/** Knocks without taking: whoever looks must not be taken for the holder by another who looks. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function listenOn(path: string): Promise<HomeLock | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => {
      server.unref();
      resolve({ [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

/** With its parents. Node's own way turns in circles for ever where the system denies that a folder it shows is there, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return; // a file of that name is found out by its use
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

async function readFormat(path: string): Promise<number | undefined> {
  const text = await readTextOrNone(path);
  if (text === undefined) return undefined;
  try {
    const { format } = JSON.parse(text) as { format?: unknown };
    if (typeof format === 'number') return format;
  } catch {
    // said below, with what to do
  }
  throw new MistnetError(
    'home.unusable',
    `${path} is damaged. If this is a data folder of mistnet, write {"format":${HOME_FORMAT}} into it.`,
  );
}

async function saveHome(path: string, home: string): Promise<void> {
  try {
    await writeDurably(path, `${JSON.stringify({ format: HOME_FORMAT })}\n`);
  } catch (error) {
    throw new MistnetError('home.unusable', `The data folder ${home} cannot be written: ${causeText(error)}.`, {
      cause: error,
    });
  }
}

async function readTextOrNone(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new MistnetError('home.unusable', `${path} cannot be read: ${causeText(error)}.`, { cause: error });
  }
}
