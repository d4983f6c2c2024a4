/** The rules of X's filtered stream (GET, POST /2/tweets/search/stream/rules) and an app's own connections (/2/connections). */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText } from '../../core/errors.ts';
import type { HttpCaller, HttpRequest } from '../http-call.ts';
import type { EndpointLimit, PermitSource } from '../permit-source.ts';
import type { RawAnswer } from '../read-adapter.ts';
import { activeConnectionsUrl, CONNECTIONS, readConnections, readKills } from './connections.ts';

const RULES = '/2/tweets/search/stream/rules';
const QUARTER_HOUR_MS = 15 * 60_000;

/** A rule as the platform has it. */
export type PlatformRule = { id: string; value: string; tag: string };

/** What became of one rule that was to be added. `duplicate`: the same text was there; `id` is that one's. */
export type AddedRule =
  | { kind: 'created'; value: string; id: string }
  | { kind: 'duplicate'; value: string; id: string }
  | { kind: 'refused'; value: string; reason: string };

/** The platform's words for why a request as a whole came to nothing. `retryAtMs`: when it will answer again, by its clock. */
export class RulesRefused extends Error {
  readonly status: number;
  readonly retryAtMs: number | undefined;

  constructor(sentence: string, status: number, retryAtMs?: number) {
    super(sentence);
    this.name = 'RulesRefused';
    this.status = status;
    this.retryAtMs = retryAtMs;
  }
}

export type RulesAsker = {
  http: HttpCaller;
  permits: PermitSource;
  /** The credential whose rules they are, by label. */
  credential: string;
  apiUrl: string;
  timeoutMs: number;
  maxBytes: number;
  signal: AbortSignal;
};

/** All rules that the app has, strangers' too. Throws `RulesRefused`. */
export async function listRules(asker: RulesAsker): Promise<PlatformRule[]> {
  const rules: PlatformRule[] = [];
  for (let token: string | undefined, page = 0; page === 0 || token !== undefined; page++) {
    const url = new URL(RULES, asker.apiUrl);
    if (token !== undefined) url.searchParams.set('pagination_token', token);
    const body = await ask(asker, { method: 'GET', url }, limitOf(`GET ${RULES}`, 450), [200]);
    for (const rule of objects(body.data))
      if (typeof rule.id === 'string' && typeof rule.value === 'string')
        rules.push({ id: rule.id, value: rule.value, tag: typeof rule.tag === 'string' ? rule.tag : '' });
    const { next_token: next } = objectOf(body.meta);
    token = typeof next === 'string' ? next : undefined;
  }
  return rules;
}

/**
 * Adds rules; `isDryRun` only asks whether they would be taken. One that cannot be read makes the platform take none: then each says
 * what became of it, the innocent as `refused` with no reason of their own. Throws `RulesRefused` where nothing is said of single rules.
 */
export async function addRules(
  asker: RulesAsker,
  rules: readonly { value: string; tag: string }[],
  { isDryRun = false }: { isDryRun?: boolean } = {},
): Promise<AddedRule[]> {
  const url = new URL(RULES, asker.apiUrl);
  if (isDryRun) url.searchParams.set('dry_run', 'true');
  const add = rules.map(({ value, tag }) => ({ value, tag }));
  const body = await ask(
    asker,
    { method: 'POST', url, json: { add } },
    limitOf(`POST ${RULES}`, 100),
    [200, 201, 400, 409, 422],
  );
  const created = new Map(objects(body.data).map((rule) => [String(rule.value), String(rule.id)]));
  const errors = new Map(objects(body.errors).map((error) => [String(error.value), error]));
  if (created.size === 0 && !rules.some(({ value }) => errors.has(value))) throw new RulesRefused(wordsOf(body), 400);
  return rules.map(({ value }) => {
    const id = created.get(value);
    if (id !== undefined) return { kind: 'created', value, id };
    const error = errors.get(value);
    if (
      error !== undefined &&
      typeof error.id === 'string' &&
      /duplicate/i.test(`${String(error.type)} ${String(error.title)}`)
    )
      return { kind: 'duplicate', value, id: error.id };
    return { kind: 'refused', value, reason: error === undefined ? '' : reasonOf(error) };
  });
}

/** Deletes rules; those that are gone already are no error. Throws `RulesRefused`. */
export async function deleteRules(asker: RulesAsker, ids: readonly string[]): Promise<void> {
  const url = new URL(RULES, asker.apiUrl);
  await ask(asker, { method: 'POST', url, json: { delete: { ids } } }, limitOf(`POST ${RULES}`, 100), [200]);
}

/** Ends this app's open connections of the filtered stream, as long as the platform offers that. `unable`: why some were not ended. */
export async function endFilterConnections(asker: RulesAsker): Promise<{ ended: number; unable?: string }> {
  const url = activeConnectionsUrl(asker.apiUrl, 'filtered_stream');
  const listed = readConnections(
    await ask(asker, { method: 'GET', url }, limitOf(`GET ${CONNECTIONS}`, 25), [200, 404]),
  );
  if (listed.length === 0) return { ended: 0 };
  const ids = listed.map(({ id }) => id);
  const wish: Wish = { method: 'DELETE', url: new URL(CONNECTIONS, asker.apiUrl), json: { uuids: ids } };
  const body = await ask(asker, wish, limitOf(`DELETE ${CONNECTIONS}`, 25), [200, 404]);
  const { ended, unable } = readKills(body, ids);
  return { ended: ended.size, ...(unable === undefined ? {} : { unable }) };
}

type Wish = { method: HttpRequest['method']; url: URL; json?: object };
type Json = Record<string, unknown>;

/** Connections fail now and then: twice more, quickly, since a change shall be there within seconds. */
const PAUSES_MS = [250, 1_000];

async function ask(asker: RulesAsker, wish: Wish, limit: EndpointLimit, fine: readonly number[]): Promise<Json> {
  for (let tried = 0; ; tried++) {
    const answer = await askOnce(asker, wish, limit);
    if ('cause' in answer || answer.status >= 500) {
      const pauseMs = PAUSES_MS[tried];
      const said = 'cause' in answer ? answer.cause : `HTTP ${answer.status}`;
      if (pauseMs === undefined) throw new RulesRefused(`The platform does not answer: ${said}`, 0);
      await sleep(pauseMs, undefined, { signal: asker.signal });
      continue;
    }
    const body = bodyOf(answer);
    if (fine.includes(answer.status)) return body;
    const reset = Number(answer.headers['x-rate-limit-reset']);
    const retryAtMs = answer.status === 429 && reset > 0 ? reset * 1000 : undefined;
    throw new RulesRefused(`HTTP ${answer.status} ${wordsOf(body)}`.trim(), answer.status, retryAtMs);
  }
}

async function askOnce(
  asker: RulesAsker,
  { method, url, json }: Wish,
  limit: EndpointLimit,
): Promise<RawAnswer | { cause: string }> {
  const { http, permits, credential, timeoutMs, maxBytes, signal } = asker;
  const permit = await permits.acquire({ limit, reserve: { resource: 'call', atMost: 0 }, credential }, signal);
  let outcome: Parameters<typeof permit.settle>[0] = { status: 'no-answer', billed: 0 };
  try {
    const end = await http.call({
      ...{ method, url, timeoutMs, maxBytes, signal },
      headers: {
        authorization: permit.authorization({ method, url }),
        'user-agent': 'mistnet',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    if (end.kind === 'lost') {
      signal.throwIfAborted();
      return { cause: end.cause };
    }
    outcome = outcomeOf(end.answer);
    return end.answer;
  } finally {
    await permit.settle(outcome);
  }
}

function outcomeOf({ status, headers }: RawAnswer) {
  const number = (name: string) => (/^\d{1,15}$/.test(headers[name] ?? '') ? Number(headers[name]) : undefined);
  const [most, left, reset] = [
    number('x-rate-limit-limit'),
    number('x-rate-limit-remaining'),
    number('x-rate-limit-reset'),
  ];
  const platformNowMs = Date.parse(headers.date ?? '');
  return {
    ...{ status, billed: 0 },
    ...(Number.isNaN(platformNowMs) ? {} : { platformNowMs }),
    ...(most === undefined ? {} : { limit: most }),
    ...(left === undefined ? {} : { remaining: left }),
    ...(reset === undefined ? {} : { resetAtMs: reset * 1000 }),
    ...(status === 429 ? { refusal: 'rate-limited' as const } : {}),
    ...(status === 401 ? { refusal: 'credential-refused' as const } : {}),
  };
}

function limitOf(endpoint: string, app: number): EndpointLimit {
  return { endpoint, windowMs: QUARTER_HOUR_MS, app, user: undefined };
}

function bodyOf({ body }: RawAnswer): Json {
  try {
    return objectOf(JSON.parse(body.toString('utf8')));
  } catch (error) {
    return { detail: `no JSON came (${causeText(error)})` };
  }
}

function wordsOf({ title, detail, errors }: Json): string {
  const words = [title, detail].filter((text): text is string => typeof text === 'string' && text !== '');
  return words.length > 0 ? words.join(': ').slice(0, 500) : objects(errors).map(reasonOf).join('; ').slice(0, 500);
}

function reasonOf({ details, title, detail, message }: Json): string {
  if (Array.isArray(details)) return details.map(String).join(' ').slice(0, 500);
  return [detail, message, title].find((text): text is string => typeof text === 'string') ?? 'refused';
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}
