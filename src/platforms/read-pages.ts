/** Walks through all pages of a question, newest first, from any position on. */
import { type Answered, type Asker, makeCall } from './make-call.ts';
import type { PagedQuestion, Position, ReadPage, ReadRefusal } from './read-adapter.ts';

/** A page, and where to go on after it: keep `next` once the page is safe. `next` is undefined with the last page. */
export type PageStep = { page: ReadPage; position: Position; next: Position | undefined };

/** Why a walk ended: at the end, or before it. `endless`: the platform led back to the page just read. */
export type WalkEnd =
  | { kind: 'end' }
  | { kind: 'enough' }
  | { kind: 'refused'; refusal: ReadRefusal }
  | { kind: 'unreachable'; cause: string }
  | { kind: 'endless' };

export type WalkOptions = {
  signal: AbortSignal;
  /** Where to begin: the `next` of an earlier walk, or nothing for the newest page. */
  from?: Position;
  /** How many items are still wanted before each page; 0 ends the walk before anything is asked. */
  wanted?: () => number;
  /** Told when the platform no longer took a token and the walk went on below the oldest post seen. */
  onAnew?: (refusal: ReadRefusal) => void;
};

/**
 * Yields every page and returns why it ended. Pages may be empty or short and yet not the last: only the platform's word ends a walk. A token that
 * is no longer taken is replaced once by a walk below the oldest post seen. Throws what `makeCall` throws.
 */
export async function* readPages(
  asker: Asker,
  question: PagedQuestion,
  { signal, from = {}, wanted, onAnew }: WalkOptions,
): AsyncGenerator<PageStep, WalkEnd> {
  let position = from;
  for (;;) {
    const more = wanted?.();
    if (more !== undefined && more <= 0) return { kind: 'enough' };
    const answered: Answered = await makeCall(asker, question.at(position, more), { signal });
    if (answered.kind !== 'page') {
      const below = isTokenRefusal(answered, position) ? question.anew(position) : undefined;
      if (below === undefined) return answered;
      onAnew?.((answered as Extract<Answered, { kind: 'refused' }>).refusal);
      position = below;
      continue;
    }
    const { page } = answered;
    const next = question.after(position, page);
    if (next?.token !== undefined && next.token === position.token) {
      yield { page, position, next: undefined };
      return { kind: 'endless' };
    }
    yield { page, position, next };
    if (next === undefined) return { kind: 'end' };
    position = next;
  }
}

function isTokenRefusal(answered: Answered, { token }: Position): boolean {
  if (token === undefined || answered.kind !== 'refused' || answered.refusal.kind !== 'wrong-question') return false;
  return answered.refusal.parameters.some(
    (name) => name === 'pagination_token' || name === 'next_token' || name === 'cursor',
  );
}
