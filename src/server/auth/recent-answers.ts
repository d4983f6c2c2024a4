/** Answers kept for a moment, by their question. */
import { MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';

const MAX_ANSWERS = 2_000;
/** With the database away, who was known a while ago still is: they see that it is away, and nothing can be changed. */
const STALE_MS = 600_000;

/**
 * The same question within `maxAgeMs` gets the same answer; several at once are one. While the database does not answer, an older answer stands in, at
 * most ten minutes old. `clear` forgets all, answers on their way too.
 */
export function recentAnswers<T>({
  ask,
  clock,
  maxAgeMs,
}: {
  ask: (key: string) => Promise<T>;
  clock: Clock;
  maxAgeMs: number;
}) {
  type Kept = { answer: Promise<T>; at: number; value?: { of: T; at: number } };
  const answers = new Map<string, Kept>();

  async function renew(key: string, kept: Kept, before: Kept['value']): Promise<T> {
    try {
      const value = await ask(key);
      kept.value = { of: value, at: clock.now() };
      return value;
    } catch (error) {
      const isAway = error instanceof MistnetError && error.code === 'database.unreachable';
      if (isAway && before !== undefined && Math.abs(clock.now() - before.at) < STALE_MS) {
        kept.value = before;
        return before.of;
      }
      if (answers.get(key) === kept) answers.delete(key);
      throw error;
    }
  }

  return {
    get(key: string): Promise<T> {
      const now = clock.now();
      const known = answers.get(key);
      if (known !== undefined && Math.abs(now - known.at) < maxAgeMs) return known.answer;
      if (answers.size >= MAX_ANSWERS) answers.clear();
      const kept = { at: now } as Kept;
      answers.set(key, kept);
      kept.answer = renew(key, kept, known?.value);
      return kept.answer;
    },
    clear(): void {
      answers.clear();
    },
  };
}
