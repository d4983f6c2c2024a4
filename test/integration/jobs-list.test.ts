/** Jobs that fail, wait and run, as people see and steer them. */
import { describe, expect, it } from 'vitest';
import { MistnetError } from '../../src/core/errors.ts';
import { silentLog } from '../../src/core/log.ts';
import { systemClock } from '../../src/core/time.ts';
import { enqueueDue } from '../../src/jobs/enqueue-due.ts';
import { type JobDesk, openJobDesk } from '../../src/jobs/job-list.ts';
import { openQueue } from '../../src/jobs/queue.ts';
import { failedJobs } from '../../src/store/alerts/measure-facts.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench } from '../support/system/workbench.ts';

const job = { collection: 'press', collectionId: 1, platform: 'x', accountId: '12' };

async function stateIs(desk: JobDesk, id: string, state: string): Promise<void> {
  await until(`job ${id} to be ${state}`, async () => (await desk.show(id)).state === state, { withinMs: 60_000 });
}

describe('the list of jobs', () => {
  it('keeps a job that failed with its cause, and runs it again when told to', async () => {
    await using test = await freshDatabase();
    await using bench = await openWorkbench();
    await using queue = await openQueue({ url: test.url, node: 'n1', log: silentLog });
    await using desk = await openJobDesk(test.url, { db: test.db, clock: systemClock });
    await queue.enqueue('timeline', [job]);
    await queue.enqueue('timeline', [job]);
    const [waiting, ...more] = await desk.list();
    expect(more, 'one that stands in line stays alone').toEqual([]);
    expect(waiting).toMatchObject({
      kind: 'timeline',
      node: null,
      what: 'press/12',
      state: 'waiting',
      tries: 0,
      cause: null,
    });
    const id = waiting?.id ?? '';
    await test.db.query('update pgboss.job set retry_limit = 0 where id = $1', [id]);
    let isBroken = true;
    await queue.work('timeline', async () => {
      if (isBroken) throw new MistnetError('platform.unreachable', 'The platform does not answer: nobody is there.');
    });
    await stateIs(desk, id, 'failed');
    expect(await desk.show(id)).toMatchObject({
      cause: 'The platform does not answer: nobody is there.',
      data: job,
      tries: 1,
    });
    const env = { MISTNET_DATABASE_URL: test.url };
    const listed = await bench.mistnet(['jobs', 'list', '--state', 'failed'], { env });
    expect(listed.stdout).toContain(id);
    expect(listed.stdout).toContain('The platform does not answer: nobody is there.');
    isBroken = false;
    const retried = await bench.mistnet(['jobs', 'retry', id], { env });
    expect(retried, retried.stderr).toMatchObject({
      code: 0,
      stdout: `The job ${id} (timeline press/12) is in line again.\n`,
    });
    await stateIs(desk, id, 'done');
    await expect(desk.retry(id)).rejects.toThrow(/is done: only failed and cancelled ones can be retried/);
    await expect(desk.cancel(id)).rejects.toThrow(/is done already/);
    const unknown = '00000000-0000-4000-8000-000000000000';
    await expect(desk.show(unknown)).rejects.toThrow(/There is no job/);
    await expect(desk.show('nonsense')).rejects.toThrow(/There is no job nonsense/);
  });

  it('fails an hour that is due at each look once, not at each look, and no alert outlasts the try that did', async () => {
    await using test = await freshDatabase();
    const { db } = test;
    await using queue = await openQueue({ url: test.url, node: 'n1', log: silentLog });
    await using desk = await openJobDesk(test.url, { db, clock: systemClock });
    const hour = { collection: 'press', hour: '2026-03-01T12Z' };
    let nowMs = Date.now();
    const look = () => enqueueDue({ db, queue, node: 'n1', clock: { now: () => nowMs } }, 'hour', [hour]);
    let tries = 0;
    let isBroken = true;
    await look();
    await look();
    await queue.work('hour', async () => {
      tries++;
      if (isBroken) throw new MistnetError('folder.unreadable', 'The datasets folder is a file.');
    });
    const [{ id } = { id: '' }] = await desk.list();
    const stateOfFirst = async () =>
      (await db.query<{ state: string }>('select state::text from pgboss.job where id = $1', [id]))[0]?.state;
    await until('a first try that failed', async () => (await stateOfFirst()) === 'retry', { withinMs: 30_000 });
    for (const _ of [1, 2, 3]) await look(); // it waits for its second try
    await db.query('update pgboss.job set retry_limit = 1 where id = $1', [id]);
    await stateIs(desk, id, 'failed');
    for (const _ of [1, 2, 3]) await look();
    expect([(await desk.list()).length, tries]).toEqual([1, 2]);
    expect(await failedJobs(db, Date.now())).toHaveLength(1);
    isBroken = false;
    nowMs += 3_700_000;
    await look();
    await until('a try an hour later', async () => tries === 3, { withinMs: 30_000 });
    await until('no failed job to tell of', async () => (await failedJobs(db, Date.now())).length === 0);
    expect((await desk.list()).map(({ state }) => state).toSorted()).toEqual(['done', 'failed']);
  });

  it('takes what another worker lost before most of what nobody has begun', async () => {
    await using test = await freshDatabase();
    await using queue = await openQueue({ url: test.url, node: 'n1', log: silentLog });
    const accounts = Array.from({ length: 40 }, (_, at) => String(at));
    await queue.enqueue(
      'timeline',
      accounts.map((accountId) => ({ ...job, accountId })),
    );
    const [lost] = await test.db.query<{ account: string }>(
      `update pgboss.job set state = 'retry', start_after = now() where id = (select id from pgboss.job order by created_on limit 1)
       returning data ->> 'accountId' as account`,
    );
    const taken: string[] = [];
    await queue.work('timeline', async ({ accountId }) => void taken.push(accountId));
    await until('all to be taken', () => taken.length === accounts.length, { withinMs: 60_000 });
    expect(taken.indexOf(lost?.account ?? '')).toBeLessThan(20);
  });

  it('stops a job that is cancelled while it runs, and lets it run again', async () => {
    await using test = await freshDatabase();
    await using queue = await openQueue({ url: test.url, node: 'n1', log: silentLog });
    await using desk = await openJobDesk(test.url, { db: test.db, clock: systemClock });
    let runs = 0;
    await queue.enqueue('accounts', [{ at: '2026-03-02T00:00:00.000Z' }]);
    await queue.work('accounts', async (_, signal) => {
      if (++runs > 1) return;
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    });
    const [first] = await desk.list();
    const id = first?.id ?? '';
    await stateIs(desk, id, 'running');
    await queue.enqueue('timeline', [job]);
    expect(
      (await desk.list()).map(({ state }) => state),
      'what runs is not hidden behind what waits',
    ).toEqual(['running', 'waiting']);
    expect(await desk.cancel(id)).toMatchObject({ state: 'cancelled' });
    expect(await desk.retry(id)).toMatchObject({ id });
    await stateIs(desk, id, 'done');
    expect(runs).toBe(2);
  });

  it('says that another job does the same when one that failed is to run again', async () => {
    await using test = await freshDatabase();
    await using queue = await openQueue({ url: test.url, node: 'n1', log: silentLog });
    await using desk = await openJobDesk(test.url, { db: test.db, clock: systemClock });
    await queue.enqueue('timeline', [job]);
    const [old] = await desk.list();
    await desk.cancel(old?.id ?? '');
    await queue.enqueue('timeline', [job]);
    expect((await desk.list({ state: 'waiting' })).length).toBe(1);
    await expect(desk.retry(old?.id ?? '')).rejects.toThrow(
      /^Another job does the same already \(timeline press\/12\)/,
    );
    expect((await desk.list({ state: 'cancelled' })).map(({ id }) => id)).toEqual([old?.id]);
  });

  it('says how far those have come whose work counts something, and nothing of those whose work does not', async () => {
    await using test = await freshDatabase();
    await using queue = await openQueue({ url: test.url, node: 'n1', log: silentLog });
    await using desk = await openJobDesk(test.url, { db: test.db, clock: systemClock });
    const { db } = test;
    const { collectionId } = await addCollection(db, systemClock, {
      ...{ name: 'press', kind: 'sample', platform: 'x', api: 'v2' },
    });
    await db.query(
      `insert into exports (name, node, folder, request, background, state, rows_total, rows_done, asked_at)
        values ('herons', 'n1', '/tmp', '{}', true, 'running', 5000, 1200, now())`,
    );
    const [list] = await db.query<{ hydration_id: number }>(
      `insert into hydrations (collection_id, platform, api, source, state, added_at)
        values ($1, 'x', 'v2', 'ids.txt', 'running', now()) returning hydration_id`,
      [collectionId],
    );
    const hydrationId = list?.hydration_id ?? 0;
    // Ten lines, one twice, so that nine ids are left; four are asked for, one of them in vain.
    await db.query(
      `insert into hydration_ids (hydration_id, position, post_id, existed, outcome)
        select $1, n, n::text, false, case when n < 4 then case n when 1 then 'error' else 'ok' end end
          from generate_series(0, 9) as n where n <> 7`,
      [hydrationId],
    );
    await db.query(
      `insert into timeline_runs (run_id, collection_id, platform, account_id, node, started_at, finished_at, pages, posts)
        values (gen_random_uuid(), $1, 'x', '12', 'n1', now() - interval '1 h', now(), 9, 900),
          (gen_random_uuid(), $1, 'x', '12', 'n1', now(), null, 3, 300)`,
      [collectionId],
    );
    const stop = new AbortController();
    const whileItRuns = async () => {
      await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
    };
    await queue.enqueue('export', [{ name: 'herons' }]);
    await queue.enqueue('hydration', [{ hydrationId }]);
    await queue.enqueue('timeline', [{ ...job, collectionId }]);
    await queue.enqueue('accounts', [{ at: '2026-03-02T00:00:00.000Z' }]);
    expect((await desk.list()).map(({ progress }) => progress)).toEqual([null, null, null, null]);
    for (const kind of ['export', 'hydration', 'timeline', 'accounts'] as const) await queue.work(kind, whileItRuns);
    const running = await until('all to run', async () => {
      const jobs = await desk.list({ state: 'running' });
      return jobs.length === 4 ? jobs : undefined;
    });
    expect(Object.fromEntries(running.map(({ kind, progress }) => [kind, progress]))).toEqual({
      export: { done: 1200, of: 5000, unit: 'posts' },
      hydration: { done: 4, of: 10, unit: 'ids' },
      timeline: { done: 300, of: null, unit: 'posts' },
      accounts: null,
    });
    const exporting = running.find(({ kind }) => kind === 'export');
    expect((await desk.show(exporting?.id ?? '')).progress).toEqual({ done: 1200, of: 5000, unit: 'posts' });
    stop.abort();
  });
});
