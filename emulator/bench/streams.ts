/**
 * How many posts a second one core tells to a client that throws everything away. `node emulator/bench/streams.ts [--seconds 5]`
 * prints JSON. Rates are per second of this process's CPU time, which the client (curl, a process of its own) is no part of.
 *
 * sample: flat out, with what a sample collector asks for. firehose: flat out, one of twenty partitions, counted in posts looked at.
 * filtered: flat out against a thousand rules, counted in posts of the world held against them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DEFAULT_TOKEN, startEmulator } from '../src/start-emulator.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });
const WARM_UP_MS = 1000;
/** Flat out 4,000 posts of the sample and some dozen others fall into each second of world time. */
const POSTS_PER_WORLD_SECOND = 4012;
const FIELDS =
  'expansions=author_id&tweet.fields=author_id,conversation_id,created_at,id,lang,text,referenced_tweets,source' +
  '&user.fields=created_at,id,location,name,protected,public_metrics,username,verified';
/** Words that posts of the invented world hold, of several languages. */
const WORDS =
  'coffee music train weather morning football election video school news game friends love today night home people world best good';

const result = {
  bench: 'streams',
  question: 'posts a second told by one core to a client that throws them away',
  node: process.version,
  cpu: cpus()[0]?.model,
  loadAverage: loadavg().map((load) => Math.round(load * 10) / 10),
  sample: await measure(`/2/tweets/sample/stream?${FIELDS}`),
  firehose: await measure(`/2/tweets/firehose/stream?partition=1&${FIELDS}`),
  filtered: await measure(`/2/tweets/search/stream?${FIELDS}`, rules()),
};
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);

/** `told`: lines sent; `passed`: posts of the world that went by meanwhile. */
async function measure(path: string, ruleTexts: readonly string[] = []): Promise<object> {
  await using emulator = await startEmulator({ rate: 'max' });
  const authorization = `Bearer ${DEFAULT_TOKEN}`;
  if (ruleTexts.length > 0) {
    const body = JSON.stringify({ add: ruleTexts.map((value) => ({ value })) });
    const answer = await fetch(`${emulator.url}/2/tweets/search/stream/rules`, {
      method: 'POST',
      headers: { authorization },
      body,
    });
    if (answer.status !== 201) throw new Error(`the rules were refused: ${await answer.text()}`);
  }
  const client = spawn('curl', [
    '-sN',
    '-o',
    '/dev/null',
    '-H',
    `authorization: ${authorization}`,
    emulator.url + path,
  ]);
  try {
    await sleep(WARM_UP_MS);
    const before = await standing(emulator.url);
    const cpuBefore = process.cpuUsage();
    await sleep(Number(values.seconds) * 1000);
    const { user, system } = process.cpuUsage(cpuBefore);
    const after = await standing(emulator.url);
    const seconds = (user + system) / 1e6;
    const perSecond = (count: number): number => Math.round(count / seconds);
    return {
      rules: ruleTexts.length,
      toldPerSecond: perSecond(after.sent - before.sent),
      passedPerSecond: perSecond(((after.at - before.at) / 1000) * POSTS_PER_WORLD_SECOND),
    };
  } finally {
    client.kill();
    await once(client, 'exit');
  }
}

async function standing(url: string): Promise<{ sent: number; at: number }> {
  const truth = (await (await fetch(`${url}/_emulator/truth`)).json()) as { connections: { sent: number }[] };
  const world = (await (await fetch(`${url}/_emulator/truth/world`)).json()) as { now: string };
  return { sent: truth.connections[0]?.sent ?? 0, at: Date.parse(world.now) };
}

/** A thousand, as people write them: terms with synonyms, exclusions, accounts, tags, phrases. */
function rules(): string[] {
  const words = WORDS.split(' ');
  const word = (n: number): string => words[n % words.length] ?? 'coffee';
  return Array.from({ length: 1000 }, (_, n) => {
    const kinds = [
      `${word(n)} term${n} lang:en -is:retweet`,
      `(term${n} OR synonym${n} OR ${word(n)}${n}) -${word(n)}`,
      `"${word(n)} ${word(n * 7 + 1)}" #tag${n}`,
      `from:user_${n} OR retweets_of:user_${n} OR to:user_${n}`,
      `@user_${n} (${word(n)} OR ${word(n + 3)})`,
      `${word(n)} ${word(n * 3 + 1)} ${word(n * 11 + 2)} ${word(n * 5 + 3)} lang:en -other${n}`,
    ];
    return kinds[n % kinds.length] ?? `term${n}`;
  });
}
