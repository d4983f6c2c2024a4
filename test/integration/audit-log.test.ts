/** Nothing that people decide is changed without its row in the audit log: every command that changes something is run twice, first while no row can be written. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { terminalUser } from '../../src/cli/change-with-deed.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { silentLog } from '../../src/core/log.ts';
import { systemClock } from '../../src/core/time.ts';
import { openQueue } from '../../src/jobs/queue.ts';
import type { Database } from '../../src/store/db.ts';
import { type AuditRecord, listAuditEntries } from '../../src/store/users/audit-log.ts';
import { addUser } from '../../src/store/users/users.ts';
import { commandDeeds } from '../support/audit/command-deeds.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer } from '../support/server.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { MISTNET, openWorkbench } from '../support/system/workbench.ts';
import { visitor } from '../support/visitor.ts';

// Accounts of the world with seed 5.
const NOUR = 'nour2943984';
const YUKI = '3055947503';
const PASSWORD = 'nine quiet herons stand';
const TOKEN = 'emulator-token';

/** `details` of the last row, as far as they matter. `typed`: what the standard input brings. */
type Step = { command: string; args: string[]; target: string | null; details?: object; typed?: string };

describe('a change and its row in the audit log', () => {
  it('are there together or not at all, whichever command makes it', async () => {
    await using test = await freshDatabase();
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '5']);
    const { db } = test;
    const file = async (name: string, text: string) => {
      await writeFile(join(bench.folder, name), text);
      return join(bench.folder, name);
    };
    await mkdir(bench.home, { recursive: true });
    const accounts = await file('accounts.txt', `${YUKI}\n`);
    const names = await file('names.jsonl', `${JSON.stringify({ uid: YUKI, former_names: FORMER_NAMES })}\n`);
    const key = await file('key.env', `bearer_token=${TOKEN}\n`);
    const posts = await file('posts.jsonl', `${JSON.stringify(POST)}\n`);
    const ids = await file('ids.txt', `${POST.id_str}\n`);
    await using queue = await openQueue({ url: test.url, node: 'n1', log: silentLog });
    await queue.enqueue('timeline', [{ collection: 'gone', collectionId: 99, platform: 'x', accountId: '12' }]);
    const [job] = await db.query<{ id: string }>(`select id from pgboss.job where name like 'timeline%'`);
    await addUser(db, systemClock, { email: 'ada@example.org', name: 'Ada', role: 'administrator' });
    await db.query(PAUSE);
    const env = {
      ...{ MISTNET_HOME: bench.home, MISTNET_DATABASE_URL: test.url },
      ...{ MISTNET_X_API_URL: emulator.url, MISTNET_X_BEARER_TOKEN: TOKEN },
    };
    const steps: Step[] = [
      step('account import', [accounts, '--set', 'birds'], 'accounts.txt', {
        accounts: 1,
        set: 'birds',
        stage: 'done',
      }),
      step('account add', [NOUR], NOUR, { accounts: 1, stage: 'done' }),
      step('account import-names', [names], 'names.jsonl', { accounts: 1, stage: 'done' }),
      step('account deactivate', [NOUR], `@${NOUR}`),
      step('account activate', [NOUR], `@${NOUR}`),
      step('account delete', [NOUR, '--yes'], `@${NOUR}`),
      step('credential add', ['main', '--from', key, '--no-test'], 'main', { kind: 'app' }),
      step('credential level', ['main', 'pro'], 'main', { level: 'pro' }),
      step('credential test', ['main'], 'main', { stage: 'done' }),
      step('permits', ['--readmit', 'other'], 'other'),
      step('collection add', ['press', '--kind', 'timeline', '--budget', '5'], 'press', { budgetMicros: 5_000_000 }),
      step('collection seeds add', ['press', '--set', 'birds'], 'press', { addSeeds: [{ set: 'birds' }] }),
      step('collection credential', ['press', 'main'], 'press', { credential: 'main' }),
      step('collection keep', ['press', 'days:9'], 'press', { keep: 'days:9' }),
      step('collection stop', ['press'], 'press'),
      step('collection start', ['press', '--over-budget'], 'press'),
      step('collection seeds remove', ['press', '--set', 'birds'], 'press', { removeSeeds: [{ set: 'birds' }] }),
      step('collection add', ['wind', '--kind', 'filter', '--words', 'wind'], 'wind', { kind: 'filter' }),
      step('collection filter', ['wind', '--words', 'rain', '--reason', 'autumn'], 'wind', { reason: 'autumn' }),
      step('budget set', ['25'], 'all', { monthlyMicros: 25_000_000 }),
      step('budget prices set', ['pro', 'post', '0.004'], 'x pro post', { micros: 4000 }),
      step('user add', ['eve@example.org', '--name', 'Eve'], 'eve@example.org', { role: 'viewer' }, PASSWORD),
      step('user grant', ['eve@example.org', 'collector'], 'eve@example.org', { role: 'collector' }),
      step('user deactivate', ['eve@example.org'], 'eve@example.org'),
      step('user activate', ['eve@example.org'], 'eve@example.org'),
      step(
        'user reset-password',
        ['eve@example.org', '--forget-second-factor'],
        'eve@example.org',
        {},
        `${PASSWORD} still`,
      ),
      step('import', [posts, '--collection', 'old'], 'old', { files: 1, posts: 1, stage: 'done' }),
      step('rebuild', ['--collection', 'old'], 'old'),
      step('export', ['--collection', 'old', '--format', 'ids', '--name', 'e1', '--background'], 'e1', {
        format: 'ids',
      }),
      step('export cancel', ['e1'], 'e1'),
      step('hydrate', [ids, '--job', 'again', '--over-budget'], 'again', { source: 'ids.txt', ids: 1, stage: 'done' }),
      step('hydration cancel', ['again'], 'again'),
      step('hydration resume', ['again'], 'again'),
      step('hydration cancel', ['again'], 'again'),
      step('hydration recheck', ['again', '--only', 'ok'], 'again', { only: ['ok'] }),
      step('jobs cancel', [job?.id ?? ''], 'timeline gone/12', { id: job?.id }),
      step('jobs retry', [job?.id ?? ''], 'timeline gone/12', { id: job?.id }),
      step('credential remove', ['main'], 'main'),
      step('backup note', ['/backup/mistnet'], null, { note: '/backup/mistnet' }),
    ];
    const run = async ({ command, args, typed }: Step): Promise<void> => {
      const all = [...command.split(' '), ...args];
      // A password comes by the standard input, which only a program of its own has.
      if (typed === undefined) {
        expect(await runCommandLine(all, env), all.join(' ')).toBe(0);
        return;
      }
      const program = bench.start(MISTNET, all, { env, stdin: 'open' });
      program.child.stdin?.end(`${typed}\n`);
      const { code, stderr } = await program.ended;
      if (code !== 0) throw new Error(stderr);
    };
    const isRun = new Set<string>();
    for (const each of steps) {
      const before = await fingerprint(db);
      await db.query(FORBID);
      await expect(run(each), `${each.command}, while no row can be written`).rejects.toThrow('no row today');
      await db.query(ALLOW);
      expect(await fingerprint(db), `${each.command} changed something without its row`).toEqual(before);
      const last = (await listAuditEntries(db, { limit: 1 }))[0]?.entryId ?? '0';
      await run(each);
      const rows = (await rowsSince(db, last)).toReversed();
      expect(rows.map(({ action }) => action)).toEqual(commandDeeds[each.command]);
      for (const row of rows) expect(row).toMatchObject({ who: terminalUser(), via: 'terminal', target: each.target });
      expect(rows.at(-1)?.details).toMatchObject(each.details ?? {});
      isRun.add(each.command);
    }
    expect([...isRun].toSorted(), 'every audited command was run').toEqual(Object.keys(commandDeeds).toSorted());
    const said = JSON.stringify(await listAuditEntries(db, { limit: 1000 }));
    for (const secret of [TOKEN, PASSWORD]) expect(said).not.toContain(secret);
  }, 600_000);

  it('are there together or not at all, whoever asks the page for it', async () => {
    await using server = await startServer({ signIn: true });
    const { db } = server;
    await addUser(db, systemClock, {
      email: 'ada@example.org',
      name: 'Ada',
      role: 'administrator',
      password: PASSWORD,
    });
    const ada = visitor(() => server.url);
    await ada.signIn('ada@example.org', PASSWORD);
    const made = { name: 'press', kind: 'timeline', keep: 'all', budgetMicros: 1_000_000 };
    const calls: [string, string, object, string, string | null][] = [
      ['POST', '/api/v1/collections', made, 'collection.create', 'press'],
      ['PATCH', '/api/v1/collections/press', { keep: 'days:9' }, 'collection.change', 'press'],
      ['POST', '/api/v1/collections/press/stop', {}, 'collection.stop', 'press'],
      ['PUT', '/api/v1/collections/press/sharing', PRIVATE, 'collection.share', 'press'],
      ['PUT', '/api/v1/budgets', { scope: '', monthlyMicros: 9 }, 'budget.set', 'all'],
      ['POST', '/api/v1/users/invitations', INVITED, 'user.invite', 'eve@example.org'],
      ['PATCH', '/api/v1/me', { name: 'Ada L.' }, 'user.rename', 'ada@example.org'],
      ['POST', '/api/v1/me/tokens', { label: 'notebook', scopes: ['read'] }, 'token.add', 'notebook'],
      ['POST', '/api/v1/exports', { collection: 'press', name: 'e1' }, 'export.ask', 'e1'],
      ['PUT', '/api/v1/alert-rules/gap-opened', RULE, 'alert-rule.change', 'gap-opened'],
      ['POST', '/api/v1/backups', { note: 'the tape' }, 'backup.note', null],
      ['DELETE', '/api/v1/collections/press', { name: 'press' }, 'collection.delete', 'press'],
    ];
    for (const [method, path, body, action, target] of calls) {
      const before = await fingerprint(db);
      await db.query(FORBID);
      const refused = await ada.call(method, path, body);
      await db.query(ALLOW);
      expect(refused.status, `${method} ${path}, while no row can be written`).toBe(500);
      expect(await fingerprint(db), `${method} ${path} changed something without its row`).toEqual(before);
      const reply = await ada.call(method, path, body);
      expect(reply.status, `${method} ${path}: ${JSON.stringify(reply.body)}`).toBeLessThan(300);
      const [row] = await listAuditEntries(db, { limit: 1 });
      expect(row).toMatchObject({ action, target, via: 'session', address: '127.0.0.1' });
      expect(row?.who).toMatch(/^Ada/);
    }
  }, 120_000);
});

const FORMER_NAMES = { '2014-01-16T13:48:56Z': 'OldName' };
const POST = {
  ...{ id_str: '1000000000000012345', created_at: 'Fri May 25 13:05:53 +0000 2018' },
  ...{ text: 'a post', user: { id: 12, id_str: '12', screen_name: 'jack', name: 'Jack' } },
};
const PAUSE = `insert into permit_pauses (credential, endpoint, resource, why, sentence, since)
  values ('other', '', '', 'unauthorized', 'It was refused.', now())`;
const PRIVATE = { ownerId: null, visibility: 'private', shares: [] };
const INVITED = { email: 'eve@example.org', name: 'Eve', role: 'viewer' };
const RULE = { isOn: true, threshold: 5, isUrgent: false, channels: null };

const FORBID = `create function no_row() returns trigger language plpgsql as $$ begin raise exception 'no row today'; end $$;
  create trigger no_row before insert on audit_log for each row execute function no_row()`;
const ALLOW = 'drop trigger no_row on audit_log; drop function no_row()';

/** What changes without anybody's decision: who calls the platform how often, what it said of accounts, who looks at the page. */
const NOT_DECIDED =
  /^(audit_log|permit_(windows|workers|leases)|spend|money_leases|accounts|account_(names|profiles|states)|session|sign_in_failures|server_failures)$/u;

/** A digest of every table that holds what people decided, and of the jobs. */
async function fingerprint(db: Database): Promise<Record<string, string>> {
  const tables = await db.query<{ schema: string; name: string }>(
    `select schemaname as schema, tablename as name from pg_tables
      where schemaname in ('public', 'auth') or (schemaname = 'pgboss' and tablename like 'job%') order by 1, 2`,
  );
  const digests: Record<string, string> = {};
  for (const { schema, name } of tables.filter((table) => !NOT_DECIDED.test(table.name))) {
    // When an account was looked at last is no decision; whether it is collected is.
    const row = name === 'followed_accounts' ? 'account_id || active' : 't::text';
    const [found] = await db.query<{ digest: string | null }>(
      `select md5(string_agg(${row}, ',' order by ${row})) as digest from ${schema}."${name}" t`,
    );
    digests[name] = found?.digest ?? '';
  }
  return digests;
}

/** Newest first. */
async function rowsSince(db: Database, entryId: string): Promise<AuditRecord[]> {
  const rows = await listAuditEntries(db, { limit: 20 });
  return rows.filter((row) => BigInt(row.entryId) > BigInt(entryId));
}

function step(command: string, args: string[], target: string | null, details: object = {}, typed?: string): Step {
  return { command, args, target, details, ...(typed === undefined ? {} : { typed }) };
}
