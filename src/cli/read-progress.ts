/** How far a reading command is, on the standard error: items, rate, what it waits for, and when it will be done. */
import type { CallEvent } from '../platforms/make-call.ts';
import { formatCount, formatDuration, formatQuantity } from './format.ts';

export type ReadProgress = Disposable & {
  heard(event: CallEvent): void;
  /** No call is allowed before this instant, ms since 1970. Said once where progress is not shown, in a sentence. */
  waits(untilMs: number): void;
  /** So many more items are printed; the start of a resumed command counts towards the whole, not towards the rate. */
  printed(items: number, pages?: number): void;
  begun(items: number, pages: number): void;
  /** How many items there will be, as far as is known. */
  expect(total: number): void;
  /** A sentence that must not be lost, above the line of progress. */
  note(sentence: string): void;
};

export type ProgressOptions = {
  /** What is read, `timeline of jack`, and what its items are called. */
  label: string;
  items: string;
  /** The terminal or file that is written to; whether lines can be overwritten there. */
  target: { write(text: string): unknown };
  isTerminal: boolean;
  /** Nothing but notes when false. */
  isShown: boolean;
  monotonicMs: () => number;
  /** The instant now, ms since 1970, by the clock that waits are told in. */
  nowMs: () => number;
};

const TERMINAL_MS = 500;
const LINE_MS = 5000;
/** A shorter wait is not worth mentioning. */
const WAIT_MS = 1500;
/** A shorter one is not worth a line in a log. */
const NOTED_WAIT_MS = 10_000;

/** Shows progress until it is disposed of; the last line stays. */
export function createReadProgress(options: ProgressOptions): ReadProgress {
  const { label, items: word, target, isTerminal, isShown, monotonicMs } = options;
  const started = monotonicMs();
  let items = 0;
  let before = 0;
  let pages = 0;
  let total: number | undefined;
  let isWaiting = false;
  let waitsUntil: number | undefined;
  let notedUntil = 0;
  let trouble = '';
  let isLineOpen = false;
  const line = (): string => {
    const elapsed = Math.max(1, monotonicMs() - started);
    const rate = ((items - before) * 1000) / elapsed;
    const left = total === undefined || rate === 0 ? undefined : ((Math.max(total, items) - items) / rate) * 1000;
    const waits = isWaiting && waitsUntil !== undefined && waitsUntil - options.nowMs() > WAIT_MS;
    return [
      `${label}: ${formatCount(items)}${total === undefined ? '' : ` of about ${formatCount(Math.max(total, items))}`} ${word}`,
      formatQuantity(pages, 'call'),
      `${rate.toFixed(rate < 10 ? 1 : 0)}/s`,
      ...(left === undefined || left < 1000 || waits ? [] : [`${formatDuration(left)} left`]),
      ...(waits ? [`no call is allowed until ${untilText(waitsUntil ?? 0, options.nowMs())}`] : []),
      ...(trouble === '' || waits ? [] : [trouble]),
    ].join(' · ');
  };
  const show = () => {
    if (!isShown) return;
    target.write(isTerminal ? `\r${CLEAR_LINE}${line()}` : `${line()}\n`);
    isLineOpen = isTerminal;
  };
  const note = (sentence: string) => {
    target.write(`${isLineOpen ? `\r${CLEAR_LINE}` : ''}mistnet: ${sentence}\n`);
    isLineOpen = false;
  };
  const timer = isShown ? setInterval(show, isTerminal ? TERMINAL_MS : LINE_MS) : undefined;
  timer?.unref();
  return {
    heard: (event) => {
      isWaiting = event.kind === 'waiting';
      if (event.kind !== 'repeat') return;
      const when = event.waitMs === 0 ? '' : ` in ${formatDuration(event.waitMs)}`;
      trouble = `asking again${when}: ${event.cause}`;
    },
    waits: (untilMs) => {
      waitsUntil = untilMs;
      const now = options.nowMs();
      // Told again with each look; an end that moved by a blink is no news.
      if (isShown || untilMs - now < NOTED_WAIT_MS || untilMs - notedUntil < NOTED_WAIT_MS) return;
      notedUntil = untilMs;
      note(`X allows no call until ${untilText(untilMs, now)}; this waits, and goes on then.`);
    },
    printed: (more, calls = 1) => {
      items += more;
      pages += calls;
      trouble = '';
    },
    begun: (done, calls) => {
      items += done;
      before += done;
      pages += calls;
    },
    expect: (known) => {
      total = known;
    },
    note,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      show();
      if (isLineOpen) target.write('\n');
    },
  };
}

/** `20:55:31 UTC (14 min)`; seconds are rounded up, for before that it is not allowed. */
function untilText(untilMs: number, nowMs: number): string {
  const at = new Date(Math.ceil(untilMs / 1000) * 1000).toISOString().slice(11, 19);
  return `${at} UTC (${formatDuration(untilMs - nowMs)})`;
}

const CLEAR_LINE = '\u001B[K';
