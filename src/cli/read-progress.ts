/** How far a reading command is, on the standard error: items, rate, what it waits for, and when it will be done. */
import type { CallEvent } from '../platforms/make-call.ts';
import { formatCount, formatDuration } from './format.ts';

export type ReadProgress = Disposable & {
  heard(event: CallEvent): void;
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
};

const TERMINAL_MS = 500;
const LINE_MS = 5000;
/** A shorter wait is not worth mentioning. */
const WAIT_MS = 1500;

/** Shows progress until it is disposed of; the last line stays. */
export function createReadProgress(options: ProgressOptions): ReadProgress {
  const { label, items: word, target, isTerminal, isShown, monotonicMs } = options;
  const started = monotonicMs();
  let items = 0;
  let before = 0;
  let pages = 0;
  let total: number | undefined;
  let waitingSince: number | undefined;
  let trouble = '';
  let isLineOpen = false;
  const line = (): string => {
    const elapsed = Math.max(1, monotonicMs() - started);
    const rate = ((items - before) * 1000) / elapsed;
    const left = total === undefined || rate === 0 ? undefined : ((Math.max(total, items) - items) / rate) * 1000;
    const waits = waitingSince !== undefined && monotonicMs() - waitingSince > WAIT_MS;
    return [
      `${label}: ${formatCount(items)}${total === undefined ? '' : ` of about ${formatCount(Math.max(total, items))}`} ${word}`,
      `${formatCount(pages)} ${pages === 1 ? 'call' : 'calls'}`,
      `${rate.toFixed(rate < 10 ? 1 : 0)}/s`,
      ...(left === undefined || left < 1000 ? [] : [`${formatDuration(left)} left`]),
      ...(waits ? [`waiting for the rate limit since ${formatDuration(monotonicMs() - (waitingSince ?? 0))}`] : []),
      ...(trouble === '' ? [] : [trouble]),
    ].join(' · ');
  };
  const show = () => {
    if (!isShown) return;
    target.write(isTerminal ? `\r${CLEAR_LINE}${line()}` : `${line()}\n`);
    isLineOpen = isTerminal;
  };
  const timer = isShown ? setInterval(show, isTerminal ? TERMINAL_MS : LINE_MS) : undefined;
  timer?.unref();
  return {
    heard: (event) => {
      waitingSince = event.kind === 'waiting' ? (waitingSince ?? monotonicMs()) : undefined;
      trouble = event.kind === 'repeat' ? `asking again in ${formatDuration(event.waitMs)}: ${event.cause}` : trouble;
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
    note: (sentence) => {
      target.write(`${isLineOpen ? `\r${CLEAR_LINE}` : ''}mistnet: ${sentence}\n`);
      isLineOpen = false;
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      show();
      if (isLineOpen) target.write('\n');
    },
  };
}

const CLEAR_LINE = '\u001B[K';
