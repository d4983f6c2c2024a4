import { describe, expect, it } from 'vitest';
import { backupCommands } from './backup-commands.ts';

const database = { address: '127.0.0.1:5433', user: 'mistnet', name: 'mistnet', version: '17.10' };

describe('the commands of a backup', () => {
  it('name this machine’s folders and database, and note at the end that it was done', () => {
    const passwordFile = '/data/mist/postgres/password';
    const commands = backupCommands({
      ...{ home: '/data/mist', node: 'n1' },
      database: { ...database, passwordFile },
    }).map(({ command }) => command);
    expect(commands).toEqual([
      'rsync -a --ignore-missing-args /data/mist/segments /data/mist/datasets /data/mist/exports /data/mist/node-name /backup/mistnet/n1/',
      'cp -p /data/mist/secrets.key /safe/place/',
      'PGPASSWORD="$(cat /data/mist/postgres/password)" pg_dump --host=127.0.0.1 --port=5433 --username=mistnet --format=custom --file=/backup/mistnet/database.dump mistnet',
      'MISTNET_HOME=/data/mist mistnet backup note /backup/mistnet',
    ]);
  });

  it('stay one word each for a shell, whatever the folder is called', () => {
    const [files, , dump] = backupCommands({ home: "/a b/it's; rm -rf", node: 'n1', database });
    expect(files?.command).toContain(`'/a b/it'\\''s; rm -rf/segments'`);
    expect(dump?.command).toMatch(/^pg_dump /);
  });
});
