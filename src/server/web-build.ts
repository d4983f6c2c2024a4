/**
 * Builds the web page when it is missing or its sources are others than those it was built from. Compared by a digest of
 * the sources, not by times: a fresh clone, a removed file and a touched one are all told rightly.
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MistnetError } from '../core/errors.ts';

/** What goes into the page, below the workspace; tests don't. */
const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package.json'];
const DIGEST_FILE = 'built-from';
/** Half-built pages and the lock lie here; git ignores it. */
const WORK_FOLDER = '.vite';
const LOCK_POLL_MS = 200;
/** Builds take seconds; a lock this old was left by a program whose number another one has now. */
const LOCK_STALE_MS = 5 * 60_000;
const KEPT_OUTPUT = 4_000;

export type WebBuildOptions = {
  /** Absolute: the workspace of the page. The page appears in its `dist`. */
  webFolder: string;
  signal: AbortSignal;
  /** Called before a build begins, for whoever waits: it takes some seconds. */
  onBuild?: () => void;
};

/**
 * Resolves when `dist` holds the page of the present sources; says whether it was built now. Several may run at once: one
 * builds, the others wait. The old page stays in place until the new one is whole. Throws `process.failed`.
 */
export async function ensureWebBuilt({ webFolder, signal, onBuild }: WebBuildOptions): Promise<'built' | 'fresh'> {
  const digest = await digestSources(webFolder);
  if (await isBuiltFrom(webFolder, digest)) return 'fresh';
  const workFolder = join(webFolder, WORK_FOLDER);
  await mkdir(workFolder, { recursive: true });
  await using _lock = await lock(join(workFolder, 'build.lock'), signal);
  if (await isBuiltFrom(webFolder, digest)) return 'fresh';
  onBuild?.();
  await removeLeftOvers(workFolder);
  const building = join(workFolder, `building-${randomUUID()}`);
  try {
    await runVite(webFolder, building, signal);
    await writeFile(join(building, DIGEST_FILE), digest);
    await replaceFolder(join(webFolder, 'dist'), building, join(workFolder, `replaced-${randomUUID()}`));
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return 'built';
}

/** Names and contents of all sources, in the order of their names. */
async function digestSources(webFolder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const path of await sourceFiles(webFolder)) {
    const content = await readFile(path);
    hash.update(`${relative(webFolder, path)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

async function sourceFiles(webFolder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const source of SOURCES) {
    const path = join(webFolder, source);
    if (!(await stat(path)).isDirectory()) paths.push(path);
    else
      for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
        if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) paths.push(join(entry.parentPath, entry.name));
  }
  return paths.toSorted();
}

async function isBuiltFrom(webFolder: string, digest: string): Promise<boolean> {
  try {
    return (await readFile(join(webFolder, 'dist', DIGEST_FILE), 'utf8')) === digest;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** What killed builds left. The caller holds the lock. */
async function removeLeftOvers(workFolder: string): Promise<void> {
  for (const name of await readdir(workFolder))
    if (/^(building|replaced)-/.test(name)) await rm(join(workFolder, name), { recursive: true, force: true });
}

/** Waits until nobody else builds. The holder's process id stands in the file, so that a killed holder is found out. */
async function lock(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (await isLeftOver(path)) await rm(path, { force: true });
    else await sleep(LOCK_POLL_MS, undefined, { signal });
  }
}

async function isLeftOver(path: string): Promise<boolean> {
  try {
    const [holder, { mtimeMs, size }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const ageMs = performance.timeOrigin + performance.now() - mtimeMs;
    // Made a moment ago and not written yet.
    if (size === 0) return ageMs > LOCK_STALE_MS;
    return ageMs > LOCK_STALE_MS || !isRunning(Number(holder));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false; // given back meanwhile: the next try gets it
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Two renames: the page is missing for an instant between them, never half there. */
async function replaceFolder(target: string, replacement: string, aside: string): Promise<void> {
  try {
    await rename(target, aside);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await rename(replacement, target);
  await rm(aside, { recursive: true, force: true });
}

async function runVite(webFolder: string, outFolder: string, signal: AbortSignal): Promise<void> {
  const vitePackage = createRequire(join(webFolder, 'package.json')).resolve('vite/package.json');
  const args = [join(dirname(vitePackage), 'bin/vite.js'), 'build', webFolder, '--outDir', outFolder, '--emptyOutDir'];
  const child = spawn(process.execPath, [...args, '--logLevel', 'warn'], {
    cwd: webFolder,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (exitCode !== 0)
    throw new MistnetError('process.failed', `The web page could not be built in ${webFolder}:\n${output.trim()}`);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
