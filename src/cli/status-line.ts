/** What a terminal shows while mistnet runs: one line that lives on a terminal, a plain line now and then elsewhere. */
import { setTimeout as sleep } from 'node:timers/promises';
import { formatBytes, formatCount, formatQuantity } from './format.ts';

type Status = {
  name: string;
  state: string;
  captured: number;
  loaded: number;
  quarantined: number;
  sealedSegments: number;
  gaps: number;
  lastByteAt: string | null;
  postsPerSecond?: number;
  bytes?: number;
  reason?: string;
};
type Output = { write(text: string): unknown; isTTY?: boolean; columns?: number };

const LIVE_EVERY_MS = 1000;
const PLAIN_EVERY_MS = 10_000;

export class StatusLine {
  readonly #output: Output;
  #shown = '';

  constructor(output: Output) {
    this.#output = output;
  }

  /** Prints a sentence above the status line. */
  say(sentence: string): void {
    if (!this.#output.isTTY) this.#output.write(`${sentence}\n`);
    else this.#output.write(`\r\x1b[K${sentence}\n${this.#shown}`);
  }

  /** Asks the status page until the signal aborts, and shows what it says of one collection. */
  async follow(url: URL, collection: string, signal: AbortSignal): Promise<void> {
    const everyMs = this.#output.isTTY ? LIVE_EVERY_MS : PLAIN_EVERY_MS;
    for (let first = true; !signal.aborted; first = false) {
      await sleep(first ? LIVE_EVERY_MS : everyMs, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
      if (signal.aborted) return;
      const text = await describe(url, collection);
      if (signal.aborted) return; // while it was asked for, the end began
      this.#show(text);
    }
  }

  /** Leaves the last line as it is and goes below it. */
  end(): void {
    if (this.#output.isTTY && this.#shown !== '') this.#output.write('\n');
    this.#shown = '';
  }

  #show(text: string): void {
    if (!this.#output.isTTY) return void this.#output.write(`${text}\n`);
    this.#shown = text.slice(0, Math.max(20, (this.#output.columns ?? 80) - 1));
    this.#output.write(`\r\x1b[K${this.#shown}`);
  }
}

async function describe(url: URL, collection: string): Promise<string> {
  let found: Status | undefined;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
    const { collections = [] } = (await response.json()) as { collections?: Status[] };
    found = collections.find(({ name }) => name === collection);
  } catch {
    return 'The server does not answer at the moment; capture goes on without it.';
  }
  if (found === undefined) return 'Waiting for the first word of capture …';
  const { state, reason, postsPerSecond = 0, captured, loaded, quarantined, gaps, sealedSegments, bytes = 0 } = found;
  const missing = captured - loaded - quarantined;
  return [
    `${collection}: ${state}${reason === undefined ? '' : ` (${reason})`}`,
    `${postsPerSecond} posts/s`,
    `${formatCount(captured)} captured`,
    missing > 0 && missing > postsPerSecond * 3
      ? `${formatCount(loaded)} loaded, ${formatCount(missing)} to load`
      : `${formatCount(loaded)} loaded`,
    `${formatBytes(bytes)} in ${formatQuantity(sealedSegments, 'segment')}`,
    formatQuantity(gaps, 'gap'),
  ].join(' · ');
}
