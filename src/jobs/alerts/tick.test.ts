import { describe, expect, it } from 'vitest';
import { type AlertKind, alertKinds, alertRules } from './alert-rules.ts';
import { type AlertFacts, noFacts } from './facts.ts';
import { quietUntil } from './quiet-hours.ts';
import { type AlertChange, type AlertSettings, type KnownAlert, REOPEN_MS, type RuleInForce, tick } from './tick.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const start = Date.parse('2026-11-22T12:00:00Z');

function rulesWith(change: Partial<Record<AlertKind, Partial<RuleInForce>>> = {}): Record<AlertKind, RuleInForce> {
  const rules = alertKinds.map((kind): [AlertKind, RuleInForce] => {
    const { threshold, isUrgent } = alertRules[kind];
    return [kind, { isOn: true, threshold: threshold.fallback, isUrgent, channels: null, ...change[kind] }];
  });
  return Object.fromEntries(rules) as Record<AlertKind, RuleInForce>;
}

/** Alerts as rows would hold them, driven by ticks alone: what is sent, with when. */
class Board {
  readonly alerts: KnownAlert[] = [];
  readonly sent: string[] = [];
  rules = rulesWith();
  settings: AlertSettings = { quiet: null, remindHours: 24 };
  channels = ['1'];

  look(now: number, facts: Partial<AlertFacts>): AlertChange[] {
    const known = this.alerts.filter(({ closedAt }) => closedAt === null || now - closedAt <= REOPEN_MS);
    const { rules, settings, channels } = this;
    const changes = tick(now, { ...noFacts, ...facts }, { rules, settings, channels, known });
    for (const change of changes) this.#apply(now, change);
    return changes;
  }

  #apply(now: number, change: AlertChange): void {
    if (change.do === 'open') {
      const { kind, condition, isUrgent } = change;
      const alertId = String(this.alerts.length + 1);
      const at = { openedAt: now, remindedAt: now, closedAt: null };
      const { subject, events = 1 } = condition;
      this.alerts.push({ alertId, kind, subject, state: 'open', isUrgent, sentence: '', events, ...at });
      this.#note(alertId, change.send);
      return;
    }
    const alert = this.alerts.find(({ alertId }) => alertId === change.alertId) as KnownAlert;
    if (change.do === 'close') {
      Object.assign(alert, { state: change.state, closedAt: now });
      this.#note(alert.alertId, change.send);
    } else if (change.do === 'reopen') {
      Object.assign(alert, { state: 'open', closedAt: null });
      const waiting = this.sent.findIndex((line) => line.startsWith(`${alert.alertId} resolved`));
      if (waiting >= 0) this.sent.splice(waiting, 1);
    } else if (change.do === 'renew') {
      Object.assign(alert, { state: 'open', events: change.events });
      this.#note(alert.alertId, change.send);
    } else if (change.do === 'remind') {
      alert.remindedAt = now;
      this.#note(alert.alertId, change.send);
    }
  }

  #note(alertId: string, send: { event: string; notBefore: number; channels: readonly string[] } | undefined): void {
    if (send !== undefined)
      this.sent.push(
        `${alertId} ${send.event} ${new Date(send.notBefore).toISOString().slice(5, 16)} ${send.channels.join(',')}`,
      );
  }
}

const silent = (silentMs: number) => ({
  streams: [{ stream: 'demo', collection: 'demo', state: 'reconnecting', silentMs, wantedMs: silentMs }],
});
const hourLate = { lateHours: [{ collection: 'demo', hour: '2026-11-22T09Z', lateMs: 2 * HOUR_MS }] };

describe('alerts over days', () => {
  it('are one for as long as the same holds, are reminded of once a day, and end with a word', () => {
    const board = new Board();
    for (let minute = 0; minute <= 3 * 24 * 60; minute++)
      board.look(start + minute * MINUTE_MS, silent(minute * MINUTE_MS));
    board.look(start + 72.5 * HOUR_MS, silent(0));
    expect(board.alerts.map(({ kind, subject, state }) => [kind, subject, state])).toEqual([
      ['stream-silent', 'demo', 'resolved'],
    ]);
    expect(board.sent).toEqual([
      ...['1 opened 11-22T12:05 1', '1 reminder 11-23T12:05 1', '1 reminder 11-24T12:05 1', '1 resolved 11-25T12:35 1'],
    ]);
  });

  it('that come and go every minute are told of once, and of their end once it lasts', () => {
    const board = new Board();
    for (let minute = 0; minute < 60; minute++)
      board.look(start + minute * MINUTE_MS, silent(minute % 2 === 0 ? HOUR_MS : 0));
    expect(board.alerts).toHaveLength(1);
    expect(board.sent.map((line) => line.split(' ')[1])).toEqual(['opened', 'resolved']);
  });

  it('that somebody acknowledged are reminded of no more, and still end', () => {
    const board = new Board();
    board.look(start, silent(HOUR_MS));
    Object.assign(board.alerts[0] as KnownAlert, { state: 'acknowledged' });
    for (let hour = 1; hour < 100; hour++) board.look(start + hour * HOUR_MS, silent(HOUR_MS));
    board.look(start + 100 * HOUR_MS, silent(0));
    expect(board.sent.map((line) => line.split(' ')[1])).toEqual(['opened', 'resolved']);
  });

  it('wait for the end of quiet hours unless they are urgent', () => {
    const board = new Board();
    board.settings = { quiet: { zone: 'Europe/Vienna', from: 22 * 60, until: 7 * 60 }, remindHours: 0 };
    // 22:30 in Vienna
    const night = Date.parse('2026-11-22T21:30:00Z');
    board.look(night, { ...silent(HOUR_MS), ...hourLate });
    expect(board.sent.toSorted()).toEqual(['1 opened 11-22T21:30 1', '2 opened 11-23T06:00 1']);
  });

  it('of what happened once expire after a day without a word', () => {
    const board = new Board();
    const gap = {
      gapId: 'g1',
      stream: 'demo',
      collection: 'demo',
      node: 'n1',
      from: '2026-11-22T11:00:00.000Z',
      cause: 'cut',
    };
    board.look(start, { gaps: [{ ...gap, uncoveredMs: 60_000, endedMs: 0 }] });
    board.look(start + 23 * HOUR_MS, { gaps: [{ ...gap, uncoveredMs: 60_000, endedMs: 23 * HOUR_MS }] });
    board.look(start + 25 * HOUR_MS, { gaps: [{ ...gap, uncoveredMs: 60_000, endedMs: 25 * HOUR_MS }] });
    expect([board.alerts.map(({ state }) => state), board.sent]).toEqual([['expired'], ['1 opened 11-22T12:00 1']]);
  });

  it('of a stream that breaks off again and again are one an hour, and say how often', () => {
    const board = new Board();
    const gap = { stream: 'demo', collection: 'demo', node: 'n1', uncoveredMs: 30_000, endedMs: 0 };
    const at = (time: string, cause: string) => ({ ...gap, gapId: time, from: `2026-11-22T${time}:00.000Z`, cause });
    const [first, ...more] = [at('11:50', 'stall'), at('11:52', 'cut'), at('11:58', 'stall'), at('12:01', 'stall')];
    board.look(start, { gaps: first === undefined ? [] : [first] });
    const changes = board.look(start + MINUTE_MS, { gaps: [first, ...more].filter((each) => each !== undefined) });
    expect(board.sent).toEqual(['1 opened 11-22T12:00 1', '2 opened 11-22T12:01 1']);
    expect(JSON.stringify(changes)).toContain(
      'demo: 90 s are missing in 3 gaps since 2026-11-22 11:50:00 UTC (stall, cut, node n1).',
    );
  });

  it('that somebody acknowledged are told anew when more happens, once for each time', () => {
    const board = new Board();
    const gap = { stream: 'demo', collection: 'demo', node: 'n1', uncoveredMs: 30_000, endedMs: 0, cause: 'cut' };
    const gaps = ['11:50', '11:52', '11:58'].map((time) => ({
      ...{ ...gap, gapId: time, from: `2026-11-22T${time}:00.000Z` },
    }));
    const lookAt = (minute: number, many: number) =>
      board.look(start + minute * MINUTE_MS, { gaps: gaps.slice(0, many) });
    lookAt(0, 1);
    Object.assign(board.alerts[0] as KnownAlert, { state: 'acknowledged' });
    for (const [index, many] of [1, 1, 2, 2, 3].entries()) lookAt(index + 1, many);
    expect(board.sent).toEqual(['1 opened 11-22T12:00 1', '1 opened 11-22T12:03 1']);
    Object.assign(board.alerts[0] as KnownAlert, { state: 'acknowledged', events: 3 });
    lookAt(7, 3);
    expect(board.sent).toHaveLength(2);
  });

  it('go to the channels of their rule, and never of a channel to that channel', () => {
    const board = new Board();
    board.channels = ['1', '2', '3'];
    board.rules = rulesWith({ 'stream-silent': { channels: ['2', '9'] }, 'node-gone': { channels: [] } });
    board.look(start, {
      ...silent(HOUR_MS),
      nodes: [{ node: 'n2', ageMs: HOUR_MS }],
      failingChannels: [{ channelId: '2', address: 'a@b', failure: 'no', sinceMs: HOUR_MS }],
    });
    expect(board.sent).toEqual(['1 opened 11-22T12:00 2', '3 opened 11-22T12:00 1,3']);
  });

  it('of a rule that is turned off close without a word', () => {
    const board = new Board();
    board.look(start, silent(HOUR_MS));
    board.rules = rulesWith({ 'stream-silent': { isOn: false } });
    board.look(start + HOUR_MS, silent(2 * HOUR_MS));
    expect([board.alerts[0]?.state, board.sent.length]).toEqual(['resolved', 1]);
  });

  it('are opened fifty at a time, so that a flood is no flood of mails', () => {
    const board = new Board();
    const nodes = Array.from({ length: 120 }, (_, at) => ({ node: `n${at}`, ageMs: HOUR_MS }));
    const opened = [0, 1, 2, 3].map(
      (minute) => board.look(start + minute * MINUTE_MS, { nodes }).filter((change) => change.do === 'open').length,
    );
    expect(opened).toEqual([50, 50, 20, 0]);
  });
});

describe('each rule', () => {
  it.each<[AlertKind, Partial<AlertFacts>, string]>([
    [
      'disk-low',
      { disks: [{ node: 'n1', folder: '/data', freeBytes: 9e9, totalBytes: 1e11, fullInDays: null }] },
      '9 GB of 100 GB',
    ],
    [
      'disk-filling',
      { disks: [{ node: 'n1', folder: '/data', freeBytes: 9e10, totalBytes: 1e11, fullInDays: 3 }] },
      '3.0 days',
    ],
    ['budget-near', { budgets: [{ scope: 'collection:demo', budgetMicros: 1e6, spentMicros: 8e5 }] }, '$0.80'],
    [
      'job-dead',
      { failedJobs: [{ id: 'j', kind: 'hour', what: 'demo/2026', cause: 'xz\nis missing' }] },
      'xz is missing',
    ],
    ['node-gone', { nodes: [{ node: 'n1', ageMs: 180_000 }] }, '3 min'],
    ['dataset-late', hourLate, '2026-11-22T09Z'],
    [
      'collection-failing',
      { failing: [{ stream: 'press', collection: 'press', node: 'n1', reason: 'EACCES: permission denied' }] },
      'permission denied',
    ],
    ['credential-refused', { credentials: [{ label: 'k', owner: '', refused: '401' }] }, '401'],
    [
      'server-failing',
      {
        serverFailures: [
          { node: 'n1', route: 'GET /x', hour: '2026-11-22T11:00:00.000Z', failures: 2, cause: 'no', agoMs: 0 },
        ],
      },
      'GET /x: 2 requests failed in the hour of 2026-11-22 11:00:00 UTC (node n1): no. The log',
    ],
  ])('%s holds from its threshold on and says what', (kind, facts, words) => {
    const { holds, threshold } = alertRules[kind];
    expect(holds({ ...noFacts, ...facts }, threshold.fallback)[0]?.sentence).toContain(words);
    expect(holds(noFacts, threshold.fallback)).toEqual([]);
  });

  it('is quiet just below its threshold', () => {
    const below: [AlertKind, Partial<AlertFacts>][] = [
      ['stream-silent', silent(5 * MINUTE_MS - 1)],
      ['disk-low', { disks: [{ node: 'n', folder: '/', freeBytes: 10, totalBytes: 100, fullInDays: 7 }] }],
      ['disk-filling', { disks: [{ node: 'n', folder: '/', freeBytes: 10, totalBytes: 100, fullInDays: 7 }] }],
      ['budget-near', { budgets: [{ scope: '', budgetMicros: 100, spentMicros: 79 }] }],
      ['node-gone', { nodes: [{ node: 'n', ageMs: 3 * MINUTE_MS - 1 }] }],
    ];
    for (const [kind, facts] of below)
      expect([kind, alertRules[kind].holds({ ...noFacts, ...facts }, alertRules[kind].threshold.fallback)]).toEqual([
        kind,
        [],
      ]);
  });
});

describe('quiet hours', () => {
  const night = { zone: 'Europe/Vienna', from: 22 * 60, until: 7 * 60 };
  const end = (at: string) => {
    const ms = quietUntil(Date.parse(at), night);
    return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);
  };

  it('go over midnight by the clock of their zone', () => {
    expect(end('2026-11-22T20:59:59Z')).toBeUndefined();
    expect(end('2026-11-22T21:00:00Z')).toBe('2026-11-23T06:00');
    expect(end('2026-11-23T05:59:59Z')).toBe('2026-11-23T06:00');
    expect(end('2026-11-23T06:00:00Z')).toBeUndefined();
  });

  it('end at the same time of day when the clocks change that night', () => {
    expect(end('2026-03-28T22:00:00Z')).toBe('2026-03-29T05:00');
    expect(end('2026-10-24T21:00:00Z')).toBe('2026-10-25T06:00');
  });
});
