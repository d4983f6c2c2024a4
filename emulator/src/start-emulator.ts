import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenStreams } from './api/open-streams.ts';
import { RuleBooks } from './api/rule-book.ts';
import { StreamSlots } from './api/stream-slots.ts';
import { platformHeaders } from './api/reply.ts';
import { legacyHeaders } from './api-v1/legacy-headers.ts';
import type { Vocabulary } from './api/vocabulary.ts';
import type { Wording } from './api/wording.ts';
import { VirtualClock } from './clock.ts';
import { complaint, controlRoutes } from './control.ts';
import { AccountLocks } from './credentials/caller-gate.ts';
import { firstCredentials } from './credentials/hand-out.ts';
import { Calls } from './calls.ts';
import type { FaceParts } from './face-parts.ts';
import { authSchemes, DIALECTS, faceRoutes, gates } from './faces.ts';
import { FaultPlan } from './faults/fault-plan.ts';
import type { Feed } from './feed/feed.ts';
import { replayFeed } from './feed/replay-feed.ts';
import { flatOutTimePace, liveTimePace, type TimePace } from './feed/time-pace.ts';
import { Timeline } from './feed/timeline.ts';
import { TimelineFeed } from './feed/timeline-feed.ts';
import { flatOutPace, livePace, type Pace, worldFeed } from './feed/world-feed.ts';
import { OWN } from './http/dialect.ts';
import { Router } from './http/router.ts';
import { sendAnswer } from './http/send-answer.ts';
import { ImportedWorld } from './import/imported-world.ts';
import { readImports } from './import/read-import.ts';
import { Access } from './limits/access.ts';
import { type AccessLevel, type AccessSettings, PRESETS } from './limits/access-level.ts';
import { Meter } from './limits/meter.ts';
import { RateLedger } from './limits/rate-ledger.ts';
import { changeSettings, SettingsError } from './limits/settings-json.ts';
import { loadReplay } from './replay/load-replay.ts';
import { watchOutages } from './scenario/outages.ts';
import { loadScenario } from './scenario/scenario.ts';
import { stage } from './scenario/stage.ts';
import { Truth } from './truth.ts';
import { type Choices, DEFAULT_CHOICES } from './uncertain/choices.ts';
import { answerFinisher } from './uncertain/finish-answer.ts';
import { switchesRoutes } from './uncertain/switches-route.ts';
import { type Change, type Post, startOf, type World } from './world/model.ts';
import { SeededWorld } from './world/seeded-world.ts';

/** An idle connection is kept for longer than clients keep theirs. */
const KEEP_IDLE_MS = 120_000;

/** A thousand ids of rules in one address are more than Node's 16 KB. */
const MOST_HEADER_BYTES = 65_536;

export interface EmulatorOptions {
  /** TCP port on 127.0.0.1; 0 (default) takes any free one. */
  readonly port?: number;
  /** Integer 0 .. 2^53-1; default 1. */
  readonly seed?: number;
  /** Posts per second, may be below 1, or 'max' for as fast as each client reads; default 50. */
  readonly rate?: number | 'max';
  /** Default `emulator-token`. */
  readonly token?: string;
  /** Where world time begins (its whole second); default: the second before now, so that no post comes from the future. */
  readonly start?: Date;
  /** Connects per 15 minutes that are allowed; default: not enforced. */
  readonly connectLimit?: number;
  /** Silence before a keep-alive, milliseconds; default 20,000. */
  readonly keepaliveMs?: number;
  /** Posts per second of world time that `statuses/filter` carries of those that match; default 50, what 1 % used to be. */
  readonly filterCap?: number;
  /** Recordings to send instead of the world. */
  readonly replay?: readonly string[];
  /** How many accounts the world has, 1,000 .. 5,000,000; default 4,194,304. */
  readonly accounts?: number;
  /** `host:port` under which pages that posts link to can be fetched from this emulator; default: they are nowhere. */
  readonly linkHost?: string;
  /** Files with posts and accounts to have in the world beside its own. */
  readonly imports?: readonly string[];
  /** A file that says what happens when. */
  readonly scenario?: string;
  /** How many times faster than the real clock world time, rate-limit windows and the stream run; default 1. */
  readonly clock?: number;
  /** How late a reader of the live world may be before it is dropped, seconds (and at least 1,000 posts); default 15. */
  readonly maxBehindSec?: number;
  /** What was bought; default `open`: everything, with the request limits of today. */
  readonly access?: AccessLevel;
  /** The words in which v2 answers: tweets or posts; default 2.166. */
  readonly vocabulary?: Vocabulary;
  /** What is done at uncertain points, other than by default: docs/uncertain.md. */
  readonly uncertain?: Partial<Choices>;
  /** Whether words are found in reposts, as before 2026-05-04; default: no. */
  readonly searchReposts?: boolean;
  /** Whether counts of long ranges are made post by post instead of being estimated; default: no. */
  readonly exactCounts?: boolean;
  /** A JSON file of changes to that, as `POST /_emulator/limits` takes them. */
  readonly limits?: string;
  /** How long a stream whose client has gone still counts as open, virtual milliseconds; default 0. */
  readonly slotReleaseMs?: number;
  /** How long after a change of rules it holds, virtual milliseconds; default 0. */
  readonly ruleDelayMs?: number;
  /** Told, in whole sentences, what the emulator leaves out; default: nobody. */
  readonly tell?: (sentence: string) => void;
}

export interface Emulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly seed: number;
}

/** How far the world's beginning lies behind the present, so that no post comes from the future. */
const START_LAG_MS = 1000;
/** Posts per second of world time when the sender is not paced; see docs/README.md, "Flat out". */
const FLAT_OUT_DENSITY = 4000;
export const DEFAULT_SEED = 1;
export const DEFAULT_RATE = 50;
export const DEFAULT_TOKEN = 'emulator-token';
export const DEFAULT_KEEPALIVE_MS = 20_000;
const DEFAULT_MAX_BEHIND_SEC = 15;
export const DEFAULT_FILTER_CAP = 50;
/** Connects to a stream per 15 minutes, at all access levels. */
const STREAM_CONNECTS = 50;

/**
 * Starts an emulator in this process. Disposing of it drops every open stream and frees the port at once.
 * Throws the system's error when the port is taken, ReplayError when a recording can't be read, ScenarioError, ImportError and
 * SettingsError likewise.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator & AsyncDisposable> {
  const seed = options.seed ?? DEFAULT_SEED;
  const now = (): number => Date.now();
  const startedAt = performance.now();
  const monotonicMs = (): number => performance.now() - startedAt;
  const startAt = options.start?.getTime() ?? now() - START_LAG_MS;
  const speed = options.clock ?? 1;
  const clock = new VirtualClock({ startAt: startAt + START_LAG_MS, speed, monotonicMs, wallNow: now });
  const rate = options.rate ?? DEFAULT_RATE;
  const density = rate === 'max' ? FLAT_OUT_DENSITY : rate;
  const maxBehindSec = options.maxBehindSec ?? DEFAULT_MAX_BEHIND_SEC;
  const pace = rate === 'max' ? flatOutPace(density) : livePace(rate, clock.elapsedMs, maxBehindSec, speed);
  const seeded: SeededWorld = new SeededWorld({
    seed,
    startAt,
    density,
    accounts: options.accounts,
    linkHost: options.linkHost,
    // Flat out, readers pull world time along.
    now: () => (rate === 'max' ? Math.max(clock.now(), seeded.schedule.timeOf(pace.head()).at) : clock.now()),
  });
  const wording: Wording = {
    vocabulary: options.vocabulary ?? '2.166',
    choices: { ...DEFAULT_CHOICES, ...options.uncertain },
  };
  const feed = await chooseFeed(options, rate, seeded, pace, monotonicMs, wording);
  const truth = new Truth(now);
  const streams = new OpenStreams(seed);
  const { examples } = seeded;
  const events = options.scenario === undefined ? [] : await loadScenario(options.scenario, startAt);
  const outages = stage(events, seeded, examples, startAt);
  const owner = seeded.account(examples.get('user_self') ?? 0);
  const world = await withImports(options, seeded);
  const access = new Access(await accessSettings(options));
  const timePace = chooseTimePace({ rate, speed, maxBehindSec, pace, seeded, now: clock.now });
  const parts: FaceParts = {
    world,
    calls: new Calls(clock.now),
    outages,
    examples,
    clock,
    ...wording,
    search: { findsReposts: options.searchReposts ?? false, countsExactly: options.exactCounts ?? false },
    access,
    ledger: new RateLedger(clock.now, clock.wallAt),
    meter: new Meter(access, clock.now),
    locks: new AccountLocks(),
    credentials: firstCredentials(seed, options.token ?? DEFAULT_TOKEN, owner),
    feed,
    ...timelines(world, timePace, speed),
    rules: new RuleBooks({ now: clock.now, head: () => timePace.head(), delayMs: options.ruleDelayMs ?? 0 }),
    slots: new StreamSlots(options.slotReleaseMs ?? 0, clock.now),
    truth,
    faults: new FaultPlan(),
    streams,
    // An access level brings its connect limits; without one, `--connect-limit` alone decides.
    connectLimit: options.connectLimit ?? (options.access === undefined ? undefined : STREAM_CONNECTS),
    keepaliveMs: options.keepaliveMs ?? DEFAULT_KEEPALIVE_MS,
    filterCap: options.filterCap ?? DEFAULT_FILTER_CAP,
    replays: options.replay !== undefined && options.replay.length > 0,
    monotonicMs,
  };
  const watch = watchOutages(outages, clock, streams);
  const router = buildRouter(parts, options);
  const server = createServer({ maxHeaderSize: MOST_HEADER_BYTES }, (request, response) => {
    answer(request, response, router).catch((error: unknown) => fail(response, error));
  });
  // Node's 5 s would close a client's connection just when it asks again after a pause.
  server.keepAliveTimeout = KEEP_IDLE_MS;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seed,
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const stream of streams) stream.destroy('shutdown');
      server.closeAllConnections();
      await closed;
    },
  };
}

function buildRouter(parts: FaceParts, options: EmulatorOptions): Router {
  let transactions = 0;
  return new Router({
    routes: [...controlRoutes(parts), ...switchesRoutes(parts.choices, flagsOf(parts, options)), ...faceRoutes(parts)],
    schemes: authSchemes(parts),
    gates: gates(parts),
    observe: ({ exchange, status }) => parts.calls.count(exchange, status),
    dialects: DIALECTS,
    finish: answerFinisher(parts),
    standardHeaders: (pathname) => {
      if (pathname.startsWith('/_emulator')) return {};
      transactions++;
      return pathname.startsWith('/1.1/')
        ? legacyHeaders(transactions, parts.clock.wallNow())
        : platformHeaders(transactions);
    },
  });
}

/** By their names on the command line. */
function flagsOf(
  { vocabulary, search, keepaliveMs, filterCap }: FaceParts,
  options: EmulatorOptions,
): Record<string, unknown> {
  return {
    '--vocabulary': vocabulary,
    '--search-reposts': search.findsReposts,
    '--keepalive-ms': keepaliveMs,
    '--slot-release-ms': options.slotReleaseMs ?? 0,
    '--rule-delay-ms': options.ruleDelayMs ?? 0,
    '--filter-cap': filterCap,
    '--access': options.access ?? 'open',
    '--limits': options.limits,
  };
}

async function withImports({ imports, tell }: EmulatorOptions, world: SeededWorld): Promise<World> {
  if (imports === undefined || imports.length === 0) return world;
  return new ImportedWorld(world, await readImports(imports, tell ?? (() => undefined)));
}

async function accessSettings({ access, limits }: EmulatorOptions): Promise<AccessSettings> {
  const preset = PRESETS[access ?? 'open'];
  if (limits === undefined) return preset;
  let text: string;
  try {
    text = await readFile(limits, 'utf8');
  } catch (error) {
    throw new SettingsError(`${limits} cannot be read.`, { cause: error });
  }
  try {
    return changeSettings(preset, text);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new SettingsError(`${limits}: ${error.message}`, { cause: error });
  }
}

async function chooseFeed(
  options: EmulatorOptions,
  rate: number | 'max',
  world: SeededWorld,
  pace: Pace,
  monotonicMs: () => number,
  wording: Wording,
): Promise<Feed> {
  if (options.replay === undefined || options.replay.length === 0) return worldFeed(world, pace, wording);
  return replayFeed(await loadReplay(options.replay, options.tell ?? (() => undefined)), rate, monotonicMs);
}

interface TimePaceParts {
  readonly rate: number | 'max';
  readonly speed: number;
  readonly maxBehindSec: number;
  readonly pace: Pace;
  readonly seeded: SeededWorld;
  readonly now: () => number;
}

/** The pace of the sample, told in instants instead of posts of the sample. */
function chooseTimePace({ rate, speed, maxBehindSec, pace, seeded: { schedule }, now }: TimePaceParts): TimePace {
  if (rate !== 'max') return liveTimePace({ now, speed, maxBehindSec, rate });
  return flatOutTimePace(
    () => schedule.timeOf(pace.head()).at - 1,
    (at) => pace.passed(schedule.firstOf(Math.floor(at / 1000) - schedule.startSecond)),
  );
}

/** World time in a slice, at most; faster worlds have longer ones, so that slices don't follow each other too quickly. */
const POSTS_SLICE_MS = 1000;
const CHANGES_SLICE_MS = 30_000;
const SLICES_PER_SECOND = 20;

function timelines(
  world: World,
  pace: TimePace,
  speed: number,
): { posts: TimelineFeed<Post>; changes: TimelineFeed<Change> } {
  const sliceMs = (least: number): number => Math.max(least, Math.ceil((speed * 1000) / SLICES_PER_SECOND));
  const posts = new Timeline(
    (from, to) => [...world.posts({ after: startOf(from), before: startOf(to) }, 'oldest-first', to)],
    sliceMs(POSTS_SLICE_MS),
  );
  const changes = new Timeline((from, to) => [...world.changes(from - 1, to - 1)], sliceMs(CHANGES_SLICE_MS));
  return { posts: new TimelineFeed(posts, pace), changes: new TimelineFeed(changes, pace) };
}

async function answer(request: IncomingMessage, response: ServerResponse, router: Router): Promise<void> {
  const url = URL.parse(request.url ?? '/', 'http://127.0.0.1');
  if (url === null) return sendAnswer(request, response, complaint(400, 'That is not an address.'), {});
  await router.handle(request, response, url);
}

/** An error of ours must not end the emulator: the one request fails, and says so. */
function fail(response: ServerResponse, error: unknown): void {
  // A client that hangs up in the middle of its request is no mistake of ours.
  if (response.destroyed) return;
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(`mistnet-emulator: a request failed: ${words}`);
  if (response.headersSent) response.destroy();
  else sendAnswer(response.req, response, OWN.refuse('internal'), {});
}
