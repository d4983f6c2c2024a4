import { useEffect, useState } from 'react';
import { serverAddress } from '../../../api/base.ts';
import { whileVisible } from '../../../api/while-visible.ts';
import type { components } from '../../../api/openapi.d.ts';

export type RecentPost = components['schemas']['RecentPost'];
export type RecentPosts = {
  /** Newest first; undefined until the first came. */
  posts: readonly RecentPost[] | undefined;
  /** Held back while the reader reads; more than are kept are not counted. */
  waiting: number;
  /** Somebody asked for it. */
  isPaused: boolean;
  /** Why none can come now. */
  problem: string | undefined;
  pause: (isPaused: boolean) => void;
  /** The pointer or the focus is on the posts: none may move away below it. */
  read: (isRead: boolean) => void;
};

/** So many are shown, and so many wait: of a fast stream the server tells only the newest. */
export const KEPT = 30;
const RETRY_MS = 3_000;

type State = {
  posts: readonly RecentPost[] | undefined;
  held: readonly RecentPost[];
  isPaused: boolean;
  isRead: boolean;
  problem: string | undefined;
};

const nothingYet: State = { posts: undefined, held: [], isPaused: false, isRead: false, problem: undefined };

/** Posts of a collection as they come. Paused, those that are shown stay where they are, and new ones wait. */
export function useRecentPosts(name: string): RecentPosts {
  const [{ posts, held, isPaused, problem }, setState] = useState(nothingYet);

  useEffect(() => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(serverAddress(`/api/v1/collections/${encodeURIComponent(name)}/events`));
      source.addEventListener('posts', ({ data }: MessageEvent<string>) => {
        const { posts: news } = JSON.parse(data) as { posts: RecentPost[] };
        setState((state) => taken(state, news));
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
    return whileVisible(() => {
      open();
      return () => {
        source?.close();
        clearTimeout(timer);
      };
    });
  }, [name]);

  return {
    ...{ posts, waiting: held.length, isPaused, problem },
    pause: (wish) => setState((state) => released({ ...state, isPaused: wish })),
    read: (isRead) => setState((state) => released({ ...state, isRead })),
  };
}

/** What came is shown, or waits. After an interruption the newest come once more: only those that are not shown wait. */
function taken(state: State, news: readonly RecentPost[]): State {
  const known = new Set((state.posts ?? []).map(keyOf));
  if (state.isPaused || state.isRead)
    return {
      ...state,
      held: merge(
        news.filter((post) => !known.has(keyOf(post))),
        state.held,
      ),
      problem: undefined,
    };
  return { ...state, posts: merge(news, state.posts ?? []), problem: undefined };
}

/** What waited is shown once nothing holds it back. */
function released(state: State): State {
  if (state.isPaused || state.isRead || state.held.length === 0) return state;
  return { ...state, posts: merge(state.held, state.posts ?? []), held: [] };
}

/** New ones before those that were there, each once. */
function merge(news: readonly RecentPost[], known: readonly RecentPost[]): readonly RecentPost[] {
  const seen = new Set(news.map(keyOf));
  return [...news, ...known.filter((post) => !seen.has(keyOf(post)))].slice(0, KEPT);
}

export function keyOf({ platform, postId }: RecentPost): string {
  return `${platform} ${postId}`;
}
