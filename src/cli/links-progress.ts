/** How far the following of links is, on the standard error: posts, links, rate, what is left. */
import type { ExpandProgress } from '../jobs/links/expand-links.ts';
import { formatCount, formatDuration, formatQuantity } from './format.ts';

type Target = { write(text: string): unknown; isTTY?: boolean };

const TERMINAL_MS = 500;
const LINE_MS = 5_000;

/** On a terminal one line that changes, elsewhere a line every 5 s; nothing when not `isShown`. Dispose of it. */
export function showLinksProgress(
  target: Target,
  { isShown, monotonicMs }: { isShown: boolean; monotonicMs: () => number },
): Disposable & { heard: (progress: ExpandProgress) => void } {
  const beganMs = monotonicMs();
  let newest: ExpandProgress | undefined;
  const show = () => {
    if (newest === undefined) return;
    const text = linksProgressText(newest, monotonicMs() - beganMs);
    target.write(target.isTTY === true ? `\r\u001B[K${text}` : `${text}\n`);
  };
  const timer = isShown ? setInterval(show, target.isTTY === true ? TERMINAL_MS : LINE_MS) : undefined;
  timer?.unref();
  return {
    heard: (progress) => {
      newest = progress;
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      if (isShown && target.isTTY === true) target.write('\r\u001B[K');
    },
  };
}

/** What is left is reckoned from the posts looked at: those to come, up to the limit, are taken to have as many links. */
export function linksProgressText(progress: ExpandProgress, elapsedMs: number): string {
  const { posts, postsTotal, expanded, limit, followed, waiting } = progress;
  const perMs = followed / Math.max(1, elapsedMs);
  const found = followed + waiting;
  const ofAll = posts === 0 ? 0 : (found / posts) * Math.max(0, postsTotal - posts);
  const ofLimit = limit === undefined || expanded === 0 ? ofAll : (found / expanded) * Math.max(0, limit - expanded);
  const toCome = Math.min(ofAll, ofLimit);
  const leftMs = (waiting + toCome) / perMs;
  return [
    limit === undefined
      ? `${formatCount(posts)} of ${formatCount(Math.max(posts, postsTotal))} posts`
      : `${formatCount(expanded)} of ${formatCount(limit)} posts with links`,
    `${formatQuantity(followed, 'link')} followed`,
    `${formatCount(waiting)} waiting`,
    `${(perMs * 1000).toFixed(1)}/s`,
    ...(Number.isFinite(leftMs) && leftMs >= 1000 ? [`${formatDuration(leftMs)} left`] : []),
  ].join(' · ');
}
