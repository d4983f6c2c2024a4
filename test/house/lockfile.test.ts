import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lockfile, missingPackages } from './complete-lockfile.ts';

describe('package-lock.json', () => {
  it('has an entry for every optional package, without which `npm ci` refuses to install', () => {
    // Repaired by `node test/house/complete-lockfile.ts`.
    expect(missingPackages(readFileSync(lockfile, 'utf8'))).toEqual([]);
  });

  it('would be found to lack one', () => {
    const lock = {
      packages: {
        '': { optionalDependencies: { present: '1.0.0', 'absent-linux-x64': '2.0.0' } },
        'node_modules/present': { version: '1.0.0' },
      },
    };
    expect(missingPackages(JSON.stringify(lock))).toEqual([{ name: 'absent-linux-x64', version: '2.0.0', dev: false }]);
  });

  it('names no address of a registry', () => {
    expect(readFileSync(lockfile, 'utf8')).not.toContain('"resolved": "http');
  });
});
