import { useEffect, useState } from 'react';
import type { components } from '../../../api/openapi.d.ts';

export type RecentPost = components['schemas']['RecentPost'];
export type RecentPosts = {
  /** Newest first; undefined until the first came. */
  posts: readonly RecentPost[] | undefined;
  /** Held back while the reader reads. */
  waiting: number;
  isPaused: boolean;
  /** Why none can come now. */
  problem: string | undefined;
  pause: (isPaused: boolean) => void;
};

const KEPT = 30;
const RETRY_MS = 3_000;

type State = { posts: readonly RecentPost[] | undefined; held: readonly RecentPost[]; problem: string | undefined };

/** Posts of a collection as they come. Paused, those that are shown stay where they are, and new ones wait. */
export function useRecentPosts(name: string): RecentPosts {
  const [isPaused, setIsPaused] = useState(false);
  const [{ posts, held, problem }, setState] = useState<State>({ posts: undefined, held: [], problem: undefined });

  useEffect(() => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(`/api/v1/collections/${encodeURIComponent(name)}/events`);
      source.addEventListener('posts', ({ data }: MessageEvent<string>) => {
        const { posts: news } = JSON.parse(data) as { posts: RecentPost[] };
        setState((state) => ({
          ...state,
          held: merge(news, state.held),
          problem: undefined,
          posts: state.posts ?? [],
        }));
      });
      source.addEventListener('problem', ({ data }: MessageEvent<string>) => {
        const { detail } = JSON.parse(data) as { detail: string };
        setState((state) => ({ ...state, problem: detail }));
      });
      // EventSource comes back by itself only after some interruptions.
      source.addEventListener('error', () => {
        source?.close();
        clearTimeout(timer);
        timer = setTimeout(open, RETRY_MS);
        setState((state) => ({ ...state, problem: 'The connection to mistnet is interrupted; it is tried again.' }));
      });
    };
    open();
    return () => {
      source?.close();
      clearTimeout(timer);
    };
  }, [name]);

  useEffect(() => {
    if (isPaused || held.length === 0) return;
    setState((state) => ({ ...state, posts: merge(state.held, state.posts ?? []), held: [] }));
  }, [isPaused, held]);

  return { posts, waiting: held.length, isPaused, problem, pause: setIsPaused };
}

/** New ones before those that were there, each once. */
function merge(news: readonly RecentPost[], known: readonly RecentPost[]): readonly RecentPost[] {
  const seen = new Set(news.map(keyOf));
  return [...news, ...known.filter((post) => !seen.has(keyOf(post)))].slice(0, KEPT);
}

export function keyOf({ platform, postId }: RecentPost): string {
  return `${platform} ${postId}`;
}
