/** No change without its row in the audit log: each command and each route says which, or stands here with the reason why it needs none. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../src/cli/command-line.ts';
import { leastRoleByRoute } from '../../src/server/permissions.ts';
import { commandDeeds, commandsWithoutDeed } from '../support/audit/command-deeds.ts';

const root = join(import.meta.dirname, '../..');

/** Routes that are no GET and write no row. */
const routesWithoutDeed: Readonly<Record<string, string>> = {
  'POST /api/v1/filters/check': 'looks whether a filter could be made',
  'POST /api/v1/filters/preview': 'asks for counts',
  'POST /api/v1/saved-searches': 'kept for its owner alone: nobody else sees it or is touched by it',
  'DELETE /api/v1/saved-searches/:searchId': 'kept for its owner alone: nobody else sees it or is touched by it',
  'POST /api/v1/me/second-factor': 'counts from its confirmation on, which has a row',
  'POST /api/v1/sign-in/with/:provider': 'leads to the service; whoever comes back has a row',
};

describe('the audit log', () => {
  it('is thought of in each command', () => {
    const known = [...Object.keys(commandDeeds), ...Object.values(commandsWithoutDeed).flat()];
    expect(known.toSorted()).toEqual(runnable(commandLine({ environment: {}, setExitCode: () => {} })).toSorted());
  });

  it('is written by each route that changes something', () => {
    const silent = routes().filter(({ key, source }) => routesWithoutDeed[key] === undefined && !WRITES.test(source));
    expect(silent.map(({ key }) => key)).toEqual([]);
    const changing = Object.keys(leastRoleByRoute).filter((key) => !key.startsWith('GET '));
    expect(routes().length, 'every changing route was found in its source').toBe(changing.length);
    expect(Object.keys(routesWithoutDeed).filter((key) => !changing.includes(key))).toEqual([]);
  });

  it('is written where the change is made: one way in commands, one in routes', () => {
    const elsewhere = sources('src')
      .filter(({ text }) => text.includes('addAuditEntry('))
      .map(({ path }) => path);
    expect(elsewhere.toSorted()).toEqual([
      'src/cli/change-with-deed.ts',
      'src/server/sources/users.ts',
      'src/store/users/audit-log.ts',
    ]);
  });
});

const WRITES = /\b(?:changeWithDeed|longDeed|noteDeed|started|recorded|sendReset)\(/u;

/** Paths of the commands that do something: groups of commands only name them. */
function runnable(command: Command, path: readonly string[] = []): string[] {
  return command.commands.flatMap((each) => {
    const here = [...path, each.name()];
    const isGroup = each.commands.length > 0 && each.options.length + each.registeredArguments.length === 0;
    return [...(isGroup ? [] : [here.join(' ')]), ...runnable(each, here)];
  });
}

/** The routes that are no GET, each with the source of its registration. */
function routes(): { key: string; source: string }[] {
  return sources('src/server/routes').flatMap(({ text }) =>
    text.split(/(?=^ +app\.(?:get|post|put|patch|delete)\()/mu).flatMap((source) => {
      const [, method = 'get', paths = ''] = /^ +app\.(\w+)\(\s*['"`](\/[^'"`]*)['"`]/u.exec(source) ?? [];
      if (method === 'get' || paths === '') return [];
      // A path with the verbs of a loop stands for one route each.
      const keys = Object.keys(leastRoleByRoute).filter((key) =>
        new RegExp(`^${method.toUpperCase()} ${paths.replaceAll(/\$\{\w+\}/gu, '[a-z]+')}$`, 'u').test(key),
      );
      return keys.map((key) => ({ key, source }));
    }),
  );
}

function sources(folder: string): { path: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') }));
}
