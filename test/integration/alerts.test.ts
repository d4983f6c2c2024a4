/** Alerts and nodes for real: rows in PostgreSQL, mail by SMTP, a webhook over HTTP, kills between sending and noting; time is a number. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gap } from '../../src/capture/gap.ts';
import { silentLog } from '../../src/core/log.ts';
import { filterDefinition } from '../../src/core/rules/definition.ts';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/core/time.ts';
import { evaluateAlerts } from '../../src/jobs/alerts/evaluate-alerts.ts';
import { type AlertPost, sendAlerts, webhookLabel } from '../../src/jobs/alerts/send-alerts.ts';
import { signatureOf } from '../../src/jobs/alerts/send-webhook.ts';
import { testMessage } from '../../src/jobs/alerts/alert-words.ts';
import { createResolve } from '../../src/platforms/links/may-reach.ts';
import { createMailer } from '../../src/platforms/mail/send-mail.ts';
import { acknowledgeAlert, closedAlerts, currentAlerts } from '../../src/store/alerts/alert-rows.ts';
import { addChannel, storeAlertSettings, storeRule, turnChannel } from '../../src/store/alerts/alert-settings.ts';
import { enqueueTest, listDeliveries, takeDeliveries } from '../../src/store/alerts/deliveries.ts';
import { recentGaps, wantedStreams } from '../../src/store/alerts/measure-facts.ts';
import { asOnlyEvaluator } from '../../src/store/alerts/evaluator-lock.ts';
import { sealSecret } from '../../src/store/credentials/sealed-secret.ts';
import { addFilterCollection } from '../../src/store/filters/filter-collections.ts';
import { askRestart, takeRequests } from '../../src/store/nodes/node-requests.ts';
import { nodeSamples } from '../../src/store/nodes/node-samples.ts';
import { forgetNode, listNodes, type NodeBody, noteNode } from '../../src/store/nodes/node-status.ts';
import { storeGaps } from '../../src/store/store-capture.ts';
import { setBudget } from '../../src/store/permits/budgets.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/loader.ts';
import { addSampleCollection, startServer } from '../support/server.ts';

const HOUR_MS = 3_600_000;
const cleanup = new AsyncDisposableStack();
let test: TestDatabase;
let mails: { to: string[]; text: string }[] = [];
let posts: { headers: IncomingHttpHeaders; body: string }[] = [];
let answer = 204;
let post: AlertPost;
let hook: string;
const ring = { current: 'k1', keys: new Map([['k1', new Secret(Buffer.alloc(32, 7).toString('base64'))]]) };
const signal = new AbortController().signal;

beforeAll(async () => {
  test = cleanup.use(await freshDatabase());
  const smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false },
    onRcptTo: ({ address }, _session, done) => done(address.startsWith('refused') ? new Error('no such person') : null),
    onData: (stream, session, done) => {
      let text = '';
      stream.on('data', (part: Buffer) => {
        text += part.toString('utf8');
      });
      stream.on('end', () => {
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  cleanup.defer(() => new Promise<void>((resolve) => smtp.close(resolve)));
  const receiver = createServer((request, reply) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString('utf8');
    });
    request.on('end', () => {
      posts.push({ headers: request.headers, body });
      reply.writeHead(answer, { location: 'http://127.0.0.1:1/' }).end();
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  cleanup.defer(() => new Promise<void>((resolve) => receiver.close(() => resolve())));
  const hookHost = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  hook = `http://${hookHost}/hook`;
  const mailer = createMailer({
    url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
    from: 'mistnet <mistnet@example.org>',
  });
  cleanup.use(mailer);
  post = {
    mail: (mail) => mailer.send(mail),
    webhooks: {
      allowed: new Set([hookHost]),
      resolve: createResolve(),
      userAgent: 'mistnet',
      nowMs: () => 1_700_000_000_000,
    },
    openRing: async () => ring,
  };
}, 60_000);
afterAll(() => cleanup.disposeAsync());

const send = (nowMs: number) => sendAlerts(test.db, post, { nowMs, signal, log: silentLog });

/** The database's own clock decides how old what nodes said is; the looks are put on it. */
async function dbNow(): Promise<number> {
  const [row] = await test.db.query<{ at: string }>('select clock_timestamp() as at');
  return Date.parse(row?.at ?? '');
}

describe('alerts', () => {
  it('go out once by mail and webhook, are acknowledged, and end with a word, over days', async () => {
    const { db } = test;
    const start = await dbNow();
    const by = { by: 'Ada', at: new Date(start).toISOString() };
    await addChannel(db, { kind: 'mail', address: 'ada@example.org', ...by });
    const secret = 'a secret of the webhook';
    await addChannel(db, {
      kind: 'webhook',
      address: hook,
      secret: sealSecret(ring, webhookLabel(hook), secret),
      ...by,
    });
    await storeAlertSettings(db, { zone: 'UTC', quietFrom: null, quietUntil: null, remindHours: 24 });
    await setBudget(db, 'collection:demo', 1_000_000);
    await db.query(
      `insert into spend (month, collection, user_label, platform, resource, units, micros)
        values (date_trunc('month', now()), 'demo', '', 'x', 'post', 180, 900000)`,
    );
    const opened = await evaluateAlerts(db, start, 'http://page/admin/alerts');
    expect(opened).toMatchObject([{ do: 'open', kind: 'budget-near' }]);
    expect(await evaluateAlerts(db, start + 15_000, null)).toEqual([]);
    await send(start);
    await send(start + 15_000);
    expect(mails.map(({ to }) => to)).toEqual([['ada@example.org']]);
    expect(mails[0]?.text).toMatch(/Subject: \[mistnet\] A budget is nearly spent: demo/);
    expect(mails[0]?.text).toContain('$0.90 of this month');
    expect(mails[0]?.text).toMatch(/Message-ID: <alert-delivery-\d+@mistnet>/i);
    const [first] = posts;
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      event: 'opened',
      kind: 'budget-near',
      about: 'demo',
      page: 'http://page/admin/alerts',
    });
    const timestamp = String(first?.headers['x-mistnet-timestamp']);
    expect(first?.headers['x-mistnet-signature']).toBe(
      `sha256=${signatureOf(new Secret(secret), timestamp, first?.body ?? '')}`,
    );

    for (let hour = 1; hour <= 50; hour++) {
      await evaluateAlerts(db, start + hour * HOUR_MS, null);
      await send(start + hour * HOUR_MS);
    }
    expect([mails.length, posts.length]).toEqual([3, 3]);
    const [alert] = await currentAlerts(db);
    await acknowledgeAlert(db, {
      alertId: alert?.alertId ?? '',
      by: 'Ada <b>',
      at: new Date(start).toISOString(),
      note: 'more is coming',
    });
    await evaluateAlerts(db, start + 200 * HOUR_MS, null);
    await send(start + 200 * HOUR_MS);
    expect(mails.length).toBe(3);
    await setBudget(db, 'collection:demo', 10_000_000);
    await evaluateAlerts(db, start + 201 * HOUR_MS, null);
    await send(start + 201 * HOUR_MS + 6 * 60_000);
    expect(mails.at(-1)?.text).toContain('Over: A budget is nearly spent');
    expect((await closedAlerts(db, { limit: 10 })).map(({ state, note }) => [state, note])).toEqual([
      ['resolved', 'more is coming'],
    ]);
  });

  it('come back from a sender that died: sent before it was noted they are doubled once, else never', async () => {
    const { db } = test;
    const now = await dbNow();
    [mails, posts] = [[], []];
    await enqueueTest(db, { channelId: '1', body: testMessage('Ada', null), nowMs: now });
    // A sender takes it and dies.
    expect(await takeDeliveries(db, { nowMs: now, leaseMs: 120_000, limit: 20 })).toHaveLength(1);
    await send(now + 60_000);
    expect(mails).toHaveLength(0);
    await send(now + 121_000);
    await send(now + 500_000);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain('Ada asked for this test.');
  });

  it('that wait for a channel which is turned off go out when it is on again', async () => {
    const { db } = test;
    const now = await dbNow();
    [mails, posts] = [[], []];
    await db.query(
      `insert into alert_deliveries (event, channel_id, body, made_at, not_before) values ('reminder', 1, $1, $2, $2)`,
      [JSON.stringify({ ...testMessage('Ada', null), event: 'test' }), new Date(now).toISOString()],
    );
    await turnChannel(db, '1', false);
    for (let minute = 1; minute < 10; minute++) await send(now + minute * 60_000);
    expect(mails).toHaveLength(0);
    const [waiting] = await listDeliveries(db, 1);
    expect(waiting).toMatchObject({ state: 'waiting', tries: 0 });
    await turnChannel(db, '1', true);
    await send(now + 10 * 60_000);
    expect(mails).toHaveLength(1);
  });

  it('that cannot be sent are tried again ever more seldom; private addresses are never asked; a channel that fails is an alert for the others', async () => {
    const { db } = test;
    const now = (await dbNow()) + 300 * HOUR_MS;
    [mails, posts] = [[], []];
    answer = 302;
    const inner = 'http://127.0.0.1:9009/inner';
    const at = { by: 'Ada', at: new Date(now).toISOString() };
    const innerId = await addChannel(db, {
      kind: 'webhook',
      address: inner,
      secret: sealSecret(ring, webhookLabel(inner), 's'),
      ...at,
    });
    await addChannel(db, { kind: 'mail', address: 'refused@example.org', ...at });
    await storeRule(db, 'node-gone', {
      isOn: false,
      threshold: 3,
      isUrgent: true,
      channels: null,
      changedBy: 'Ada',
      changedAt: at.at,
    });
    await setBudget(db, 'collection:demo', 1_000_000);
    await evaluateAlerts(db, now, null);
    for (let minute = 0; minute <= 120; minute++) await send(now + minute * 60_000);
    const lines = await listDeliveries(db, 50);
    const last = lines.filter(({ event }) => event === 'opened').slice(0, 4);
    expect(last.map(({ state }) => state).toSorted()).toEqual(['sent', 'waiting', 'waiting', 'waiting']);
    expect(last.map(({ tries }) => tries).toSorted((a, b) => a - b)).toEqual([1, 8, 8, 8]);
    const failures = last.map(({ failure }) => failure ?? '').join('; ');
    for (const words of ['which is this machine', 'no such person', 'the receiver answered 302'])
      expect(failures).toContain(words);
    expect(posts.every(({ headers }) => headers.host !== '127.0.0.1:9009')).toBe(true);
    answer = 204;
    await evaluateAlerts(db, now + 121 * 60_000, null);
    const failing = (await currentAlerts(db)).filter(({ kind }) => kind === 'delivery-failing');
    expect(failing.map(({ subject }) => subject)).toContain(innerId);
    await send(now + 122 * 60_000);
    expect(mails.some(({ to, text }) => to[0] === 'ada@example.org' && text.includes('Alerts cannot be sent'))).toBe(
      true,
    );
  });

  it('of gaps that somebody acknowledged are told anew when the same hour has another gap', async () => {
    await using own = await freshDatabase();
    const { db } = own;
    const start = await dbNow();
    await addChannel(db, { kind: 'mail', address: 'gaps@example.org', by: 'Ada', at: new Date(start).toISOString() });
    await addSampleCollection(db, 'demo');
    const [stream] = await db.query<{ plan: string }>('select plan from plans');
    const hour = Math.floor((start - HOUR_MS) / HOUR_MS) * HOUR_MS;
    const addGap = (minute: number) =>
      db.query(
        `insert into gaps (gap_id, plan, node, from_at, to_at, cause, evidence, uncovered_ms)
          values ($2::text, $1, 'n1', $2::timestamptz, $3, 'cut', 'cut', 60000)`,
        [stream?.plan, ...[minute, minute + 1].map((each) => new Date(hour + each * 60_000).toISOString())],
      );
    const look = async (nowMs: number) => {
      await evaluateAlerts(db, nowMs, null);
      await sendAlerts(db, post, { nowMs, signal, log: silentLog });
      const subjects = mails.filter(({ to }) => to[0] === 'gaps@example.org').map(({ text }) => text);
      return subjects.filter((text) => /^Subject: \[mistnet\] Posts are missing: demo\r?$/m.test(text)).length;
    };
    await addGap(1);
    expect(await look(start)).toBe(1);
    const [alert] = (await currentAlerts(db)).filter(({ kind }) => kind === 'gap-opened');
    await acknowledgeAlert(db, {
      alertId: alert?.alertId ?? '',
      by: 'Ada',
      at: new Date(start).toISOString(),
      note: '',
    });
    expect(await look(start + 15_000)).toBe(1);
    await addGap(3);
    expect(await look(start + 30_000)).toBe(2);
    expect((await currentAlerts(db)).filter(({ kind }) => kind === 'gap-opened')).toMatchObject([
      { alertId: alert?.alertId, state: 'open', acknowledgedBy: null, events: 2 },
    ]);
    expect(await look(start + 45_000)).toBe(2);
  });

  it('tell administrators of requests that the server failed, with the route and never what was asked for', async () => {
    await using server = await startServer();
    const { db } = server;
    await addChannel(db, { kind: 'mail', address: 'admin@example.org', by: 'Ada', at: new Date().toISOString() });
    await db.query('alter table saved_searches rename to saved_searches_away');
    for (const query of ['secret-one', 'secret-two']) {
      const reply = await server.app.inject({ url: `/api/v1/saved-searches?q=${query}` });
      expect([reply.statusCode, (reply.json() as { code: string }).code]).toEqual([500, 'internal.failure']);
    }
    await eventually(async () => {
      const [row] = await db.query<{ failures: string }>('select failures from server_failures');
      expect(Number(row?.failures)).toBe(2);
    });
    const now = await dbNow();
    const opened = await evaluateAlerts(db, now, null);
    expect(opened.filter((change) => change.do === 'open')).toMatchObject([{ kind: 'server-failing' }]);
    await sendAlerts(db, post, { nowMs: now, signal, log: silentLog });
    const mail = mails.find(({ to }) => to[0] === 'admin@example.org')?.text.replaceAll('=\r\n', '');
    expect(mail).toMatch(/^Subject: \[mistnet\] The server failed\r?$/m);
    expect(mail).toMatch(/GET \/api\/v1\/saved-searches: 2 requests failed .*saved_searches/);
    expect(mail).not.toContain('secret');
    // Who is told nothing of a collection is told nothing of the server.
    expect(await currentAlerts(db, [])).toEqual([]);
  });

  it('are looked after by one worker at a time', async () => {
    const { db } = test;
    let inner: boolean | undefined;
    const outer = await asOnlyEvaluator(db, async () => {
      inner = await asOnlyEvaluator(db, async () => {});
    });
    expect([outer, inner, await asOnlyEvaluator(db, async () => {})]).toEqual([true, false, true]);
  });
});

describe('nodes', () => {
  const body: NodeBody = {
    ...{ startedAt: '2026-11-22T13:00:00.000Z', cpus: 2, cpu: 0.5, load: 1, memoryUsed: 10, memoryTotal: 20 },
    disk: {
      folder: '/data',
      totalBytes: 100,
      freeBytes: 50,
      segmentsBytes: 1,
      datasetsBytes: 1,
      databaseBytes: 1,
      otherBytes: 1,
    },
    roles: [],
    processes: [{ name: 'worker', pid: 1, cpu: 0.25, memory: 5 }],
  };

  it('keep a mean of each minute and hour, and let go of what is old', async () => {
    const { db } = test;
    await noteNode(db, { node: 'n9', version: '1', body: { ...body, cpu: null }, isSample: true });
    await db.query(`insert into node_samples (node, step, at, memory_used, memory_total, disk_free, disk_total, processes)
      values ('n9', 'minute', now() - interval '25 hours', 1, 1, 1, 1, '{}'), ('n9', 'hour', now() - interval '93 days', 1, 1, 1, 1, '{}')`);
    await noteNode(db, { node: 'n9', version: '1', body: { ...body, cpu: 0.2 }, isSample: true });
    await noteNode(db, { node: 'n9', version: '1', body: { ...body, cpu: 0.9 }, isSample: false });
    const hours = await nodeSamples(db, 'n9', 'hour');
    expect((await nodeSamples(db, 'n9', 'minute')).length).toBeLessThanOrEqual(2);
    expect(hours.map(({ cpu, processes }) => [cpu?.toFixed(1), processes.worker?.cpu])).toEqual([['0.2', 0.25]]);
    expect((await listNodes(db)).find(({ node }) => node === 'n9')).toMatchObject({ cpu: 0.9, version: '1', cpus: 2 });
  });

  it('are given each request once, and nothing of machines that are forgotten', async () => {
    const { db } = test;
    const asked = await askRestart(db, { node: 'n9', role: 'worker', askedBy: 'Ada' });
    expect(await askRestart(db, { node: 'n9', role: 'worker', askedBy: 'Bob' })).toEqual(asked);
    expect(await askRestart(db, { node: 'nobody', role: 'worker', askedBy: 'Ada' })).toBeUndefined();
    const taken = await Promise.all([takeRequests(db, 'n9'), takeRequests(db, 'n9')]);
    expect(taken.flat().map(({ askedBy }) => askedBy)).toEqual(['Ada']);
    await db.query(
      `insert into node_requests (node, role, asked_by, asked_at) values ('n9', 'server', 'Ada', now() - interval '2 hours')`,
    );
    expect(await takeRequests(db, 'n9')).toEqual([]);
    expect([await forgetNode(db, 'n9'), await forgetNode(db, 'n9')]).toEqual([true, false]);
  });
});

describe('alerts about a stream that filters share', () => {
  it('are told to who sees the filter while it is alone on the stream; those about several are for administrators', async () => {
    await using own = await freshDatabase();
    const { db } = own;
    const add = (name: string) =>
      db.transaction((tx) =>
        addFilterCollection(tx, systemClock, {
          ...{ definition: filterDefinition({ words: [name], raw: [] }), by: 'a test' },
          ...{ name, api: 'v2', credential: 'main', reason: 'to begin with' },
        }),
      );
    const gapAfter = (ms: number): Gap => ({
      ...{ gapId: `g${ms}`, plan: 'filter-main', node: 'n1', cause: 'cut', evidence: 'it closed', uncoveredMs: 900 },
      from: new Date(Date.now() + ms).toISOString(),
      to: new Date(Date.now() + ms + 900).toISOString(),
    });
    await add('birds');
    await storeGaps(db, [gapAfter(1_000)]);
    expect((await recentGaps(db, Date.now())).map(({ collection }) => collection)).toEqual(['birds']);
    expect((await wantedStreams(db, Date.now())).map(({ collection }) => collection)).toEqual(['birds']);
    await add('bees');
    await storeGaps(db, [gapAfter(60_000)]);
    expect((await recentGaps(db, Date.now()))[0]).toMatchObject({ collection: null, stream: 'bees, birds' });
    expect((await wantedStreams(db, Date.now())).map(({ collection }) => collection)).toEqual([null]);
  });
});
