/**
 * Names in `package-lock.json` the packages for other systems that a registry did not have: `node test/house/complete-lockfile.ts`.
 * Without their entries `npm ci` refuses the lockfile as out of step; with them it skips them by system, processor and C library.
 * `npm install` keeps the entries.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const lockfile = join(import.meta.dirname, '../../package-lock.json');

const lockSchema = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      optionalDependencies: z.record(z.string(), z.string()).default({}),
      dev: z.boolean().default(false),
    }),
  ),
});

type Missing = { name: string; version: string; dev: boolean };

/** The optional packages that some entry asks for and that have no entry themselves. */
export function missingPackages(lockText: string): Missing[] {
  const { packages } = lockSchema.parse(JSON.parse(lockText));
  const present = new Set(Object.keys(packages).map((place) => place.replace(/^.*node_modules\//, '')));
  return Object.values(packages).flatMap(({ optionalDependencies, dev }) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !present.has(name))
      .map(([name, version]) => ({ name, version, dev })),
  );
}

function entryOf({ name, version, dev }: Missing): Record<string, unknown> {
  const words = name.split(/[/-]/);
  const os = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'].find((word) => words.includes(word));
  const cpu = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'].find((word) => words.includes(word));
  if (os === undefined || cpu === undefined) throw new Error(`the name of ${name} does not say for which system it is`);
  const libc = name.includes('-musl') ? { libc: ['musl'] } : {};
  return { version, cpu: [cpu], ...(dev ? { dev } : {}), ...libc, optional: true, os: [os] };
}

if (import.meta.main) {
  const text = readFileSync(lockfile, 'utf8');
  const missing = missingPackages(text);
  const lock = JSON.parse(text) as { packages: Record<string, unknown> };
  for (const one of missing) lock.packages[`node_modules/${one.name}`] = entryOf(one);
  // The order in which npm writes them.
  lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')));
  if (missing.length > 0) writeFileSync(lockfile, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} entries added`);
}
