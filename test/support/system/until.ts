/** Waiting for a condition of the outer world: polled, with a deadline, never a bare sleep. */

/**
 * Answers with what `look` found as soon as it finds something (anything but undefined and false). Throws what was waited for, and
 * what was seen last, when the time is over. A `look` that throws has not found anything yet.
 */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined | false> | Found | undefined | false,
  { withinMs = 90_000, everyMs = 50 }: { withinMs?: number; everyMs?: number } = {},
): Promise<Found> {
  let last: unknown = 'nothing';
  for (const end = performance.now() + withinMs; ; ) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end)
      throw new Error(`Waited ${withinMs / 1000} s in vain for ${what}; last: ${String(last)}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
