/** Which PostgreSQL everything uses: the configured one, or the one that comes along, started and watched here. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import { foldersOf } from '../../config.ts';
import { causeText } from '../../core/errors.ts';

export type ProvidedDatabase = AsyncDisposable & {
  url: string;
  embedded: boolean;
  /** Whether a server left over from a killed supervisor was taken over. */
  adopted: boolean;
  /** Starts a server of ours again whenever it dies, until the signal aborts. */
  watch(signal: AbortSignal, onTrouble: (what: string) => void): Promise<void>;
};

const WATCH_EVERY_MS = 1000;

/** Throws `postgres.start-failed` naming the log. A configured database is neither started nor watched. */
export async function provideDatabase(config: Config, signal: AbortSignal): Promise<ProvidedDatabase> {
  if (config.databaseUrl !== undefined) {
    return {
      url: config.databaseUrl.reveal(),
      embedded: false,
      adopted: false,
      watch: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const { startEmbeddedPostgres } = await import('../../compose.ts').then(({ loadEmbeddedPostgres }) =>
    loadEmbeddedPostgres(),
  );
  const folders = foldersOf(config.home);
  // A signal ends the start; later the server is kept up until the last role has ended.
  const starting = new AbortController();
  const giveUp = () => starting.abort(signal.reason);
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  const server = await startEmbeddedPostgres({
    folder: folders.postgres,
    logFolder: folders.logs,
    signal: starting.signal,
  }).finally(() => signal.removeEventListener('abort', giveUp));
  return {
    url: server.url,
    embedded: true,
    adopted: server.adopted,
    watch: async (watching, onTrouble) => {
      let said = '';
      while (!watching.aborted) {
        await sleep(WATCH_EVERY_MS, undefined, { signal: watching }).catch(() => undefined); // aborted: the loop ends
        if (watching.aborted) return;
        try {
          if (await server.ensureRunning()) onTrouble('PostgreSQL had gone and was started again');
          said = '';
        } catch (error) {
          const trouble = `PostgreSQL cannot be started, and is tried again each second: ${causeText(error)}`;
          if (!watching.aborted && trouble !== said) onTrouble(trouble);
          said = trouble;
        }
      }
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
