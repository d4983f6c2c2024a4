/**
 * Posts of a collection as they come, for whoever has its page open: one question a second for each collection that is listened to, however many listen.
 * Events: `posts` (newest first, those not told before, twenty at most: of a faster stream one sees the newest), `problem` while the database is away.
 */
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../core/time.ts';
import type { RecentPost } from '../store/queries/recent-posts.ts';
import { errorToProblem, ProblemError } from './problems.ts';
import { askSource } from './source-call.ts';

const LOOK_EVERY_MS = 1_000;
const AT_ONCE = 20;
const KEEP_ALIVE_EVERY_MS = 15_000;
/** Rights that were taken away end a stream within this time. */
const ASK_AGAIN_MS = 10_000;
const MAX_LISTENERS = 128;
/** One that has not read so much is cut off; its browser comes back and gets the newest posts. */
const MAX_UNSENT_BYTES = 256 * 1024;

export type RecentFeed = {
  /** A stream ready to be sent, which begins with the newest posts. `mayGoOn` is asked now and then. Throws `events.full`. */
  listen(collection: string, mayGoOn: () => Promise<boolean>): PassThrough;
  /** Ends every stream. */
  stop(): Promise<void>;
};

type Listener = { stream: PassThrough; mayGoOn: () => Promise<boolean>; askedAt: number; isFresh: boolean };
type Channel = { listeners: Set<Listener>; told: Set<string>; done: Promise<void> };

export function createRecentFeed({
  read,
  clock,
  log,
}: {
  read: (collection: string, limit: number) => Promise<RecentPost[]>;
  clock: Clock;
  log: FastifyBaseLogger;
}): RecentFeed {
  const channels = new Map<string, Channel>();
  const stopping = new AbortController();

  async function follow(collection: string, channel: Channel): Promise<void> {
    let sentAt = clock.now();
    while (channel.listeners.size > 0 && !stopping.signal.aborted) {
      await askForLeave(channel);
      if (await look(collection, channel)) sentAt = clock.now();
      else if (Math.abs(clock.now() - sentAt) >= KEEP_ALIVE_EVERY_MS) {
        for (const listener of channel.listeners) send(listener, ': keep-alive\n\n');
        sentAt = clock.now();
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {}); // stopping: the loop ends
    }
    if (channels.get(collection) === channel) channels.delete(collection);
  }

  async function look(collection: string, { listeners, told }: Channel): Promise<boolean> {
    let text: string;
    let fresh: string;
    let hasNews = true;
    try {
      const posts = await askSource(read(collection, AT_ONCE));
      const news = posts.filter((post) => !told.has(keyOf(post)));
      told.clear();
      for (const post of posts) told.add(keyOf(post));
      hasNews = news.length > 0;
      text = frame('posts', { posts: news });
      fresh = frame('posts', { posts });
    } catch (error) {
      const problem = errorToProblem(error);
      if (problem.code === 'internal.failure') log.error({ err: error }, 'recent-posts.failed');
      text = fresh = frame('problem', problem);
    }
    for (const listener of listeners) {
      if (listener.isFresh) send(listener, fresh);
      else if (hasNews) send(listener, text);
      listener.isFresh = false;
    }
    return hasNews;
  }

  async function askForLeave({ listeners }: Channel): Promise<void> {
    for (const listener of listeners) {
      if (Math.abs(clock.now() - listener.askedAt) < ASK_AGAIN_MS) continue;
      listener.askedAt = clock.now();
      // While nobody can say, what was allowed goes on: there is nothing new to be read then anyway.
      const may = await askSource(listener.mayGoOn()).catch(() => true);
      if (!may) listener.stream.end();
    }
  }

  function send({ stream }: Listener, text: string): void {
    if (stream.writableLength + stream.readableLength > MAX_UNSENT_BYTES) {
      log.warn('recent-posts.slow-listener-dropped');
      stream.destroy();
    } else if (!stream.writableEnded) stream.write(text);
  }

  return {
    listen(collection, mayGoOn) {
      const total = [...channels.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);
      if (total >= MAX_LISTENERS)
        throw new ProblemError(
          'events.full',
          `At most ${MAX_LISTENERS} pages can listen to posts at a time; close some.`,
        );
      const stream = new PassThrough({ highWaterMark: MAX_UNSENT_BYTES });
      stream.write('retry: 2000\n\n');
      if (stopping.signal.aborted) return stream.end();
      const listener: Listener = { stream, mayGoOn, askedAt: clock.now(), isFresh: true };
      const known = channels.get(collection);
      const channel: Channel = known ?? { listeners: new Set(), told: new Set(), done: Promise.resolve() };
      const leave = () => channel.listeners.delete(listener);
      stream.once('close', leave);
      stream.on('error', leave);
      channel.listeners.add(listener);
      if (known === undefined) {
        channels.set(collection, channel);
        channel.done = follow(collection, channel);
      }
      return stream;
    },
    async stop() {
      stopping.abort();
      const all = [...channels.values()];
      for (const { listeners } of all) for (const { stream } of listeners) stream.end();
      await Promise.all(all.map(({ done }) => done));
    },
  };
}

function keyOf({ platform, postId, capturedAt }: RecentPost): string {
  return `${platform} ${postId} ${capturedAt}`;
}

function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
