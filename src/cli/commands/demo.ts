import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openStore } from '../../compose.ts';
import { loadCollections } from '../lazy-parts.ts';
import { type Config, foldersOf, readConfig } from '../../config.ts';
import { causeText } from '../../core/errors.ts';
import { msToUtcHour, systemClock } from '../../core/time.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import type { CommandContext, Environment } from '../context.ts';
import { StatusLine } from '../status-line.ts';
import { fillDemo } from '../supervisor/demo-data.ts';
import { startDemoEmulator } from '../supervisor/demo-emulator.ts';
import { MISTNET_PROGRAM } from '../supervisor/programs.ts';
import { watchSignals } from '../supervisor/signals.ts';
import { roles, supervise } from '../supervisor/supervise.ts';

const COLLECTION = 'demo';
const TOKEN = 'emulator-token';
const POSTS_PER_SECOND = 50;

export function addDemoCommand(program: Command, { environment }: CommandContext): void {
  program
    .command('demo')
    .description(
      'everything at once: an emulated platform, capture, database, web page, and a sample collection named demo',
    )
    .action(() => runDemo(environment));
}

async function runDemo(environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const folders = foldersOf(config.home);
  const line = new StatusLine(process.stderr);
  const say = (sentence: string) => line.say(sentence);
  const signals = watchSignals(say);
  say('mistnet demo: an emulated platform makes posts, mistnet collects them as it would collect real ones.');
  await using emulator = await startDemoEmulator({
    port: config.emulatorPort,
    postsPerSecond: POSTS_PER_SECOND,
    token: TOKEN,
    environment,
    signals,
    say,
  });
  const demoEnvironment: Environment = {
    ...environment,
    MISTNET_X_API_URL: emulator.url,
    MISTNET_X_BEARER_TOKEN: TOKEN,
    MISTNET_X_BEARER_TOKEN_FILE: '',
    MISTNET_DEMO: 'true',
    // What posts link to is served by the emulator.
    MISTNET_LINKS_ALLOW: new URL(emulator.url).host,
  };
  const demoConfig = readConfig(demoEnvironment);
  const done = new AbortController();
  // A server that died comes back, on another port when any would do: only the page is to be told again.
  let following: AbortController | undefined;
  let filling: Promise<void> | undefined;
  const follow = (address: string) => {
    following?.abort();
    following = new AbortController();
    const signal = AbortSignal.any([done.signal, signals.signal, following.signal]);
    void line.follow(new URL('/api/v1/status', address), COLLECTION, signal);
  };
  try {
    await supervise({
      config: demoConfig,
      environment: demoEnvironment,
      roles,
      signals,
      say,
      beforeRoles: (databaseUrl) => startCollection(databaseUrl, say),
      afterRoles: (databaseUrl) => stopCollection(databaseUrl),
      onServer: (address) => {
        const isFirst = following === undefined;
        follow(address);
        if (!isFirst) return say(`  Page      ${address}`);
        say('');
        say(`  Page      ${address}`);
        say(`  Posts     ${emulator.url} makes ${POSTS_PER_SECOND} a second; the collection is named ${COLLECTION}`);
        say(`  Segments  ${join(folders.segments, COLLECTION)}   what arrived, as it arrived`);
        say(`  Datasets  ${join(folders.datasets, COLLECTION)}   one for each hour, six minutes after its end`);
        say(`  Logs      ${folders.logs}`);
        say(
          process.stdin.isTTY
            ? "  Keys      d builds the running hour's dataset, Ctrl-C ends everything"
            : '  Ctrl-C (SIGTERM) ends everything',
        );
        say('');
        filling = fillWith(address, emulator.url, {
          config: demoConfig,
          environment: demoEnvironment,
          signal: done.signal,
        });
        listenForKeys(demoConfig, demoEnvironment, { say, signal: done.signal });
      },
    });
  } finally {
    done.abort();
    await filling;
    line.end();
  }
  say('Ended. Everything is sealed; nothing runs any more.');
}

/** Fills the pages behind the stream; what goes wrong with it is in a log and keeps nobody from anything. */
async function fillWith(
  address: string,
  emulatorUrl: string,
  { config, environment, signal }: { config: Config; environment: Environment; signal: AbortSignal },
): Promise<void> {
  const path = join(foldersOf(config.home).logs, 'demo-data.log');
  const log = (sentence: string) => {
    void appendFile(path, `${new Date(systemClock.now()).toISOString()} ${sentence}\n`).catch(() => undefined); // a full disk, perhaps: only a log
  };
  const run = async (args: readonly string[]) => {
    const child = spawn(process.execPath, [MISTNET_PROGRAM, ...args], {
      env: { ...environment, MISTNET_HOME: config.home },
      stdio: 'ignore',
      signal,
    });
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    await once(child, 'close');
  };
  await fillDemo({ address, emulatorUrl, signal, run, log, hourNow: () => msToUtcHour(systemClock.now()) }).catch(
    (error: unknown) => log(causeText(error)),
  );
}

/** Adds the demo's collection or starts it again; says when invented posts would come into others, for all are fed by the emulator. */
async function startCollection(databaseUrl: string, say: (sentence: string) => void): Promise<void> {
  const { addCollection, listCollections, setWanted } = await loadCollections();
  await using db = await openStore(databaseUrl, 'mistnet-demo');
  const collections = await listCollections(db);
  const others = collections.filter(({ name, wanted }) => name !== COLLECTION && wanted === 'active');
  if (others.length > 0)
    say(
      `Careful: invented posts come into ${others.map(({ name }) => `"${name}"`).join(', ')} too. Stop it first (mistnet collection stop NAME), or set MISTNET_HOME to another folder.`,
    );
  const wish = { name: COLLECTION, kind: 'sample', platform: 'x', api: 'v2', backfillMinutes: 5 } as const;
  if (collections.some(({ name }) => name === COLLECTION))
    await changeWithDeed(db, { action: 'collection.start', target: COLLECTION }, (tx) =>
      setWanted(tx, COLLECTION, 'active'),
    );
  else {
    const deed = { action: 'collection.create', target: COLLECTION, details: { kind: 'sample', keep: 'all' } };
    await changeWithDeed(db, deed, (tx) => addCollection(tx, systemClock, wish));
  }
}

/** So that a later `mistnet start` in this home, which collects real posts, puts none of them among the invented ones. */
async function stopCollection(databaseUrl: string): Promise<void> {
  const { setWanted } = await loadCollections();
  await using db = await openStore(databaseUrl, 'mistnet-demo');
  await changeWithDeed(db, { action: 'collection.stop', target: COLLECTION }, (tx) =>
    setWanted(tx, COLLECTION, 'stopped'),
  );
}

/** `d` on a terminal; Ctrl-C comes as a byte while keys are read one by one. */
function listenForKeys(
  config: Config,
  environment: Environment,
  { say, signal }: { say: (sentence: string) => void; signal: AbortSignal },
): void {
  const { stdin } = process;
  if (!stdin.isTTY || signal.aborted) return;
  let building = false;
  stdin.setRawMode(true);
  const onKey = (key: Buffer) => {
    const letter = key.toString('latin1');
    if (letter === '\x03') process.kill(process.pid, 'SIGINT');
    else if (letter === 'd' && !building) {
      building = true;
      void buildRunningHour(config, environment, say).finally(() => {
        building = false;
      });
    }
  };
  stdin.on('data', onKey);
  signal.addEventListener('abort', () => {
    stdin.off('data', onKey);
    stdin.setRawMode(false);
    stdin.pause();
  });
}

/** In a process of its own: a build is heavy and must not hold the terminal up. */
async function buildRunningHour(
  config: Config,
  environment: Environment,
  say: (sentence: string) => void,
): Promise<void> {
  const hour = msToUtcHour(systemClock.now());
  say(`Building the dataset of ${hour} as far as it goes …`);
  const child = spawn(
    process.execPath,
    [MISTNET_PROGRAM, 'dataset', 'build', '--collection', COLLECTION, '--hour', hour],
    {
      env: { ...environment, MISTNET_HOME: config.home },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const said: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => said.push(part));
  child.stderr.on('data', (part: Buffer) => said.push(part));
  const [code] = (await once(child, 'close')) as [number | null];
  for (const text of Buffer.concat(said).toString('utf8').trimEnd().split('\n')) say(`  ${text}`);
  if (code !== 0) say(`  The build ended with exit code ${code}.`);
}
