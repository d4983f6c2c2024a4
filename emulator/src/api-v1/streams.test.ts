import { describe, expect, it } from 'vitest';
import { parseExactly, TestClient, type As } from './test-client.ts';
import { queryablePost } from '../api/queryable-post.ts';
import { matchesStatusFilter, parseStatusFilter } from '../query/status-filter.ts';
import { startEmulator } from '../start-emulator.ts';
import { startOf } from '../world/model.ts';
import { SeededWorld } from '../world/seeded-world.ts';

const START = new Date('2026-11-22T13:00:00Z');
const WORLD = { seed: 4, rate: 100, accounts: 5000, start: START } as const;

/** A stream as a client reads it: what came so far, in lines. */
class Reading {
  text = '';
  ended = false;
  readonly #abort = new AbortController();
  #changed: () => void = () => undefined;
  response: Response | undefined;

  static async open(
    client: TestClient,
    path: string,
    parameters: Record<string, string>,
    as: As = 'user',
  ): Promise<Reading> {
    const reading = new Reading();
    reading.response = await client.stream(path, parameters, as, reading.#abort.signal);
    void reading.#read(reading.response);
    return reading;
  }

  /** Without blank ones. */
  get lines(): string[] {
    return this.text
      .split('\r\n')
      .slice(0, -1)
      .filter((line) => line !== '');
  }

  get objects(): Record<string, unknown>[] {
    return this.lines.map((line) => parseExactly(line) as Record<string, unknown>);
  }

  /** Resolves when it holds; the test's own time limit ends a wait in vain. */
  async until(holds: (reading: Reading) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
  }

  async #read({ body }: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of body ?? []) {
        this.text += decoder.decode(bytes as Uint8Array, { stream: true });
        this.#changed();
      }
    } catch {
      // Aborted by the test, or reset: either way it is over.
    }
    this.ended = true;
    this.#changed();
  }
}

const idOf = (object: Record<string, unknown>): string => String(object['id_str']);

describe('statuses/sample', () => {
  it('sends the posts of the window, by GET and POST alike, with exact ids', async () => {
    await using emulator = await startEmulator({ ...WORLD, clock: 4 });
    const client = await TestClient.of(emulator.url);
    using reading = await Reading.open(client, 'statuses/sample.json', {}, 'app');
    await reading.until(({ lines }) => lines.length >= 400);
    const statuses = reading.objects.filter((object) => 'id_str' in object);
    for (const status of statuses) {
      const at = Number((BigInt(idOf(status)) >> 22n) + 1288834974657n);
      expect(at % 1000).toBeGreaterThanOrEqual(657);
      expect(at % 1000).toBeLessThanOrEqual(666);
      expect(status).toMatchObject({ id: idOf(status), timestamp_ms: String(at), filter_level: 'low' });
    }
    // The same as every other client is sent, none missing between the first and the last.
    const world = new SeededWorld({ seed: 4, startAt: START.getTime(), density: 100, accounts: 5000 });
    const first = Array.from({ length: 2000 }, (_, index) => index).filter((index) => world.isSampleVisible(index));
    const expected = first.map((index) => world.sampled(index).id);
    const from = expected.indexOf(idOf(statuses[0] ?? {}));
    expect(from).toBeGreaterThanOrEqual(0);
    expect(statuses.map(idOf)).toEqual(expected.slice(from, from + statuses.length));
  });

  it('tells of deletions of its posts', async () => {
    await using emulator = await startEmulator({ ...WORLD, rate: 10, clock: 60 });
    const client = await TestClient.of(emulator.url);
    using reading = await Reading.open(client, 'statuses/sample.json', {}, 'user');
    const deletions = (one: Reading) => one.objects.filter((object) => 'delete' in object);
    // The first go after 45 seconds of the world.
    await reading.until(({ text }) => text.split('\r\n{"delete"').length > 5);
    const sent = new Set(reading.objects.filter((object) => 'id_str' in object).map(idOf));
    const known = deletions(reading).filter(({ delete: line }) =>
      sent.has((line as { status: { id_str: string } }).status.id_str),
    );
    expect(known.length).toBeGreaterThan(0);
    const [deletion] = deletions(reading);
    const { status } = (deletion?.['delete'] ?? {}) as { status: Record<string, string> };
    expect(Object.keys(status)).toEqual(['id', 'id_str', 'user_id', 'user_id_str']);
    expect([status['id'], status['user_id']]).toEqual([status['id_str'], status['user_id_str']]);
  });

  it('says how long each line is, when asked', async () => {
    await using emulator = await startEmulator({ ...WORLD, clock: 4 });
    const client = await TestClient.of(emulator.url);
    using reading = await Reading.open(client, 'statuses/sample.json', { delimited: 'length' }, 'app');
    await reading.until(({ lines }) => lines.length >= 40);
    for (let n = 0; n + 1 < 40; n += 2) {
      expect(Number(reading.lines[n])).toBe(Buffer.byteLength(reading.lines[n + 1] ?? '') + 2);
    }
  });

  it('closes the older stream of the same user, saying why', async () => {
    await using emulator = await startEmulator(WORLD);
    const client = await TestClient.of(emulator.url);
    using older = await Reading.open(client, 'statuses/sample.json', {}, 'user');
    await older.until(({ lines }) => lines.length > 0);
    using newer = await Reading.open(client, 'statuses/filter.json', { track: 'the' }, 'user');
    using others = await Reading.open(client, 'statuses/sample.json', {}, 'app');
    await older.until(({ ended }) => ended);
    expect(older.objects.at(-1)).toEqual({
      disconnect: { code: '7', stream_name: `${client.keys['user_self']}-statuses1`, reason: 'admin logout' },
    });
    await newer.until(({ lines }) => lines.length > 1);
    await others.until(({ lines }) => lines.length > 1);
    expect([newer.ended, others.ended]).toEqual([false, false]);
  });
});

describe('statuses/filter', () => {
  it.each([
    { track: 'the,de la' },
    { track: 'coffee', locations: '-180,-90,180,90' },
    { track: 'the', language: 'en' },
  ])('sends exactly what the filter %o takes of all posts, in order', async (parameters) => {
    await using emulator = await startEmulator({ ...WORLD, clock: 20, filterCap: Number.POSITIVE_INFINITY });
    const client = await TestClient.of(emulator.url);
    using reading = await Reading.open(client, 'statuses/filter.json', parameters);
    await reading.until(({ lines }) => lines.length >= 120);
    const ids = reading.objects.filter((object) => 'created_at' in object).map(idOf);
    const world = new SeededWorld({ seed: 4, startAt: START.getTime(), density: 100, accounts: 5000 });
    const filter = parseStatusFilter(parameters);
    const first = Number((BigInt(ids[0] ?? '0') >> 22n) + 1288834974657n);
    const last = Number((BigInt(ids.at(-1) ?? '0') >> 22n) + 1288834974657n);
    const expected: string[] = [];
    for (const post of world.posts({ after: startOf(first), before: startOf(last + 1) }, 'oldest-first', last)) {
      if (matchesStatusFilter(filter, queryablePost(world, post, post.at))) expected.push(post.id);
    }
    const from = expected.indexOf(ids[0] ?? '');
    expect(expected.slice(from, from + ids.length)).toEqual(ids);
  });

  it('says how much it had to leave out', async () => {
    await using emulator = await startEmulator({ ...WORLD, clock: 4, filterCap: 3 });
    const client = await TestClient.of(emulator.url);
    using reading = await Reading.open(client, 'statuses/filter.json', { track: 'the' });
    const limits = () =>
      reading.objects.flatMap((object) =>
        'limit' in object ? [object['limit'] as { track: string; timestamp_ms: string }] : [],
      );
    await reading.until(() => limits().length >= 4);
    const counts = limits().map(({ track }) => Number(track));
    expect(counts.toSorted((a, b) => a - b)).toEqual(counts);
    const seconds = reading.objects
      .filter((object) => 'created_at' in object)
      .map(({ timestamp_ms }) => Math.floor(Number(timestamp_ms) / 1000));
    for (const second of new Set(seconds))
      expect(seconds.filter((each) => each === second).length).toBeLessThanOrEqual(3);
  });

  it.each([
    [{}, 406, 'No filter parameters found. Expect at least one parameter: follow track locations\r\n'],
    [{ track: 'x'.repeat(61) }, 406, `Parameter track item index 0 too long: ${'x'.repeat(25)}\r\n`],
    [{ follow: Array(5001).fill('1').join(',') }, 413, 'Parameter follow has too many items specified\r\n'],
  ])('refuses %o', async (parameters, status, body) => {
    await using emulator = await startEmulator(WORLD);
    const client = await TestClient.of(emulator.url);
    const answer = await client.post('statuses/filter.json', parameters as Record<string, string>, 'user');
    expect([answer.status, answer.text]).toEqual([status, body]);
  });

  it('is for users alone, and answers others with a page', async () => {
    await using emulator = await startEmulator(WORLD);
    const client = await TestClient.of(emulator.url);
    for (const as of ['app', 'nobody', 'stranger'] as const) {
      const answer = await client.get('statuses/filter.json', { track: 'a' }, as);
      expect(answer.status).toBe(401);
      expect(answer.text).toContain('<title>Error 401 Unauthorized</title>');
      expect(answer.text).toContain("Problem accessing '/1.1/statuses/filter.json'");
    }
  });

  it('calms clients that connect too often', async () => {
    await using emulator = await startEmulator({ ...WORLD, connectLimit: 2 });
    const client = await TestClient.of(emulator.url);
    for (let n = 0; n < 2; n++) {
      using reading = await Reading.open(client, 'statuses/filter.json', { track: 'the' });
      expect(reading.response?.status).toBe(200);
    }
    const answer = await client.post('statuses/filter.json', { track: 'the' }, 'user');
    expect([answer.status, answer.text]).toEqual([420, 'Exceeded connection limit for user\r\n']);
  });
});
