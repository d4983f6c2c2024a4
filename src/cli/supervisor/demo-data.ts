/**
 * What the demo shows beside its stream, so that no page is empty: asked for over the API as a person would on the page, step by step, once
 * posts flow. Each thing is called demo. Steps are independent: one that fails is said in the log and the others go on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText } from '../../core/errors.ts';

export type DemoDataOptions = {
  /** The page's address. */
  address: string;
  emulatorUrl: string;
  signal: AbortSignal;
  /** Runs a command of mistnet's to its end. */
  run: (args: readonly string[]) => Promise<void>;
  /** The UTC hour that runs now. */
  hourNow: () => string;
  log: (sentence: string) => void;
};

/** Nothing of it is begun before so many posts are there: the stream comes first. */
const FIRST_POSTS = 500;
const LOOK_EVERY_MS = 3_000;
/** Rules are looked at 20 s after a start and every 15 s from then on. */
const ALERT_PATIENCE_MS = 180_000;
const CALL_PATIENCE_MS = 60_000;

/** Resolves when all was tried, or the signal aborts. What is there already stays as it is. */
export async function fillDemo(options: DemoDataOptions): Promise<void> {
  const { signal, log, run, hourNow } = options;
  const call = await enterDemo(options);
  if (call === undefined) return;
  const steps: [string, () => Promise<unknown>][] = [
    ['accounts', () => followAccounts(call, options)],
    ['timelines', () => call('POST', '/collections', timelines)],
    ['words', () => call('POST', '/collections', words)],
    ['budget of all', () => call('PUT', '/budgets', { scope: '', monthlyMicros: 25_000_000 })],
    [
      'budget of timelines',
      () => call('PUT', '/budgets', { scope: `collection:${timelines.name}`, monthlyMicros: 3_000_000 }),
    ],
    ['key', () => addKey(call, options)],
    ['refused key', () => addRefusedKey(call)],
    ['people', () => invitePeople(call)],
    [
      'search',
      () =>
        call('POST', '/saved-searches', { name: 'Demo: posts with pictures in German', query: { lang: 'de', q: '' } }),
    ],
    ['export', () => call('POST', '/exports', { collection: 'demo', format: 'csv', name: 'demo-first-export' })],
    ['links', () => run(['urls', 'expand', '--collection', 'demo', '--limit', '25', '--no-progress'])],
    ['hour', () => run(['dataset', 'build', '--collection', 'demo', '--hour', hourNow()])],
    ['acknowledgement', () => acknowledge(call, signal)],
  ];
  for (const [name, step] of steps) {
    if (signal.aborted) return;
    try {
      await step();
    } catch (error) {
      if (signal.aborted) return;
      log(`demo data, ${name}: ${causeText(error)}`);
    }
  }
}

/** `reply` of the API below /api/v1; undefined without a body. Throws what the server said. What exists already is no fault. */
type Call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, body?: object) => Promise<unknown>;

/** Once posts are there. Undefined when that is not to be: the signal aborted, or this is no demo that lets people in. */
async function enterDemo({ address, signal, log }: DemoDataOptions): Promise<Call | undefined> {
  let cookie = '';
  const call: Call = async (method, path, body) => {
    const reply = await fetch(new URL(`/api/v1${path}`, address), {
      method,
      signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_PATIENCE_MS)]),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(cookie === '' ? {} : { cookie }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = reply.headers.getSetCookie().map((each) => each.split(';', 1)[0]);
    if (set.length > 0) cookie = set.join('; ');
    const text = await reply.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (reply.ok || reply.status === 409) return answer;
    throw new Error((answer as { detail?: string } | undefined)?.detail ?? `the server answered ${reply.status}`);
  };
  while (!signal.aborted) {
    try {
      const status = (await call('GET', '/status')) as { collections: { name: string; loaded: number }[] };
      if (status.collections.some(({ name, loaded }) => name === 'demo' && loaded >= FIRST_POSTS)) {
        await call('POST', '/session/demo');
        return call;
      }
    } catch (error) {
      if (!signal.aborted) log(`demo data waits: ${causeText(error)}`);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
  return undefined;
}

const SET = 'Demo voices';

const timelines = {
  name: 'demo-voices',
  kind: 'timeline',
  schedule: { kind: 'every', ms: 3_600_000 },
  seeds: [{ set: SET }],
};

const words = {
  name: 'demo-words',
  kind: 'filter',
  definition: { words: ['news, nachrichten, noticias', 'music'], languages: [] },
  reason: 'So that the demo shows a filter',
};

/** One account of each state that the platform knows, and one that never was. */
async function followAccounts(call: Call, { emulatorUrl, signal }: DemoDataOptions): Promise<void> {
  const known = await credentialsOf(emulatorUrl, signal);
  const handles = Object.entries(known).filter(([name]) => /^user_[a-z]+$/.test(name));
  await call('POST', '/accounts', { lines: handles.map(([, handle]) => `@${handle}`), set: SET, withProtected: true });
}

async function addKey(call: Call, { emulatorUrl, signal }: DemoDataOptions): Promise<void> {
  const { bearer_token: bearer } = await credentialsOf(emulatorUrl, signal);
  await call('POST', '/credentials', { label: 'demo-key', kind: 'app', fields: { bearer_token: bearer ?? '' } });
  await call('POST', '/credentials/demo-key/probe');
}

/** A key that the platform never gave out: tried, it is refused for real, and an alert says so. */
async function addRefusedKey(call: Call): Promise<void> {
  await call('POST', '/credentials', {
    label: 'demo-revoked',
    kind: 'app',
    fields: { bearer_token: 'demo-revoked-token' },
  });
  await call('POST', '/credentials/demo-revoked/probe');
}

async function invitePeople(call: Call): Promise<void> {
  const people = [
    { email: 'carla@demo.invalid', name: 'Carla Collector (demo)', role: 'collector' },
    { email: 'viktor@demo.invalid', name: 'Viktor Viewer (demo)', role: 'viewer' },
  ];
  for (const person of people) await call('POST', '/users/invitations', person);
}

async function credentialsOf(emulatorUrl: string, signal: AbortSignal): Promise<Record<string, string>> {
  const reply = await fetch(new URL('/_emulator/credentials', emulatorUrl), { signal });
  return (await reply.json()) as Record<string, string>;
}

/** Waits for the alert of the refused key and says that somebody knows of it. */
async function acknowledge(call: Call, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < ALERT_PATIENCE_MS && !signal.aborted; waitedMs += LOOK_EVERY_MS) {
    const { alerts } = (await call('GET', '/alerts')) as { alerts: { alertId: string; kind: string; state: string }[] };
    const alert = alerts.find(({ kind }) => kind === 'credential-refused');
    if (alert?.state === 'acknowledged') return;
    if (alert !== undefined) {
      await call('POST', `/alerts/${alert.alertId}/acknowledgement`, { note: 'Demo: this key was never valid.' });
      return;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}
