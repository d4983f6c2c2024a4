/** PostgreSQL refuses to run as root, and many machines have nothing but root: here is decided as whom it runs. */
import { spawn } from 'node:child_process';
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MistnetError, causeText } from '../../core/errors.ts';
import type { PostgresBinaries } from './binaries.ts';

export type ProgramEnd = { code: number | null; output: string };

/** Runs initdb and pg_ctl as somebody who is not root. */
export type Launcher = {
  /** `direct`: we are not root. `namespace`: root that calls itself user 1000. `system-user`: the user `mistnet`. */
  kind: 'direct' | 'namespace' | 'system-user';
  run(program: 'initdb' | 'pg_ctl', args: string[]): Promise<ProgramEnd>;
  /** Hands a folder to whoever runs the server. */
  own(path: string): Promise<void>;
};

const AS_USER = ['--user', '--map-user=1000', '--map-group=1000'];
const SYSTEM_USER = 'mistnet';
const SYSTEM_FOLDER = '/var/lib/mistnet/pg';

/**
 * A user namespace adds nothing to the system and reaches folders that only root may enter, so it is tried first. Where it is
 * forbidden (hardened containers) a system user runs copies of the binaries, because ours may lie where it cannot read.
 */
export async function chooseLauncher(binaries: PostgresBinaries, kind?: Launcher['kind']): Promise<Launcher> {
  const chosen = kind ?? (await bestKind());
  if (chosen === 'system-user') return systemUserLauncher(binaries);
  const prefix = chosen === 'namespace' ? ['unshare', ...AS_USER] : [];
  return {
    kind: chosen,
    run: (program, args) => runProgram([...prefix, join(binaries.native, 'bin', program), ...args]),
    own: async () => {},
  };
}

async function bestKind(): Promise<Launcher['kind']> {
  if (process.getuid?.() !== 0) return 'direct';
  const trial = await runProgram(['unshare', ...AS_USER, 'true']).catch(() => undefined); // no unshare: the other way
  return trial?.code === 0 ? 'namespace' : 'system-user';
}

async function systemUserLauncher(binaries: PostgresBinaries): Promise<Launcher> {
  const { uid, gid } = (await findUser()) ?? (await addUser());
  const native = join(SYSTEM_FOLDER, binaries.version);
  await copyOnce(binaries.native, native);
  return {
    kind: 'system-user',
    run: (program, args) => runProgram([join(native, 'bin', program), ...args], { uid, gid }),
    own: async (path) => {
      await requireWay(dirname(path), uid);
      await chown(path, uid, gid);
    },
  };
}

/** Copies beside and renames, so that a kill in between leaves no half one. */
async function copyOnce(from: string, to: string): Promise<void> {
  if ((await stat(to).catch(() => undefined)) !== undefined) return; // not there yet: copied now
  await rm(`${to}.new`, { recursive: true, force: true });
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  await cp(from, `${to}.new`, { recursive: true, verbatimSymlinks: true });
  await rename(`${to}.new`, to);
}

async function findUser(): Promise<{ uid: number; gid: number } | undefined> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith(`${SYSTEM_USER}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

async function addUser(): Promise<{ uid: number; gid: number }> {
  const end = await runProgram([
    'useradd',
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    SYSTEM_USER,
  ]);
  const user = end.code === 0 ? await findUser() : undefined;
  if (user !== undefined) return user;
  throw new MistnetError(
    'postgres.start-failed',
    `PostgreSQL must not run as root, user namespaces are forbidden here and the user ${SYSTEM_USER} cannot be added (${end.output.trim()}). Run mistnet as another user.`,
  );
}

/** The other user must be able to walk down to the folder: say so here, for PostgreSQL's own words do not name the culprit. */
async function requireWay(folder: string, uid: number): Promise<void> {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const { mode, uid: owner } = await stat(at);
    if ((mode & 0o001) !== 0 || owner === uid) continue;
    throw new MistnetError(
      'postgres.start-failed',
      `PostgreSQL runs as the user ${SYSTEM_USER}, who may not enter ${at}. Set MISTNET_HOME to a folder outside it, or run mistnet as another user than root.`,
    );
  }
}

/** Runs a program to its end; stdout and stderr together. Rejects when it cannot be started at all. */
async function runProgram(command: string[], as: { uid?: number; gid?: number } = {}): Promise<ProgramEnd> {
  const [program = '', ...args] = command;
  await makeRunnable(program);
  const { promise, resolve, reject } = Promise.withResolvers<ProgramEnd>();
  // LC_ALL: the sentences that we look for in the log are the untranslated ones.
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: SEARCH_PATH, LC_ALL: 'C' },
    cwd: '/',
    ...as,
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', reject);
  child.on('close', (code) => resolve({ code, output }));
  return promise;
}

const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Some ways of copying node_modules lose the right to execute. */
async function makeRunnable(program: string): Promise<void> {
  if (!program.startsWith('/')) return;
  const { mode } = await stat(program);
  if ((mode & 0o111) !== 0) return;
  await chmod(program, mode | 0o755).catch((cause: unknown) => {
    throw new MistnetError('postgres.start-failed', `${program} may not be executed (${causeText(cause)}).`, { cause });
  });
}
