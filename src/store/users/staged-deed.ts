/** What people do that is many transactions, or asks others on the way: told when it begins, and how it ended. */

type Stage = 'begun' | 'done' | 'failed';

/**
 * Runs the work between two rows, which `note` writes. One that begins and does not end was killed; what it had done until then is done. `outcome`: what is worth
 * telling of the result. `codeOf`: a failure that is none of ours has none, and is told as unexpected.
 */
export async function inStages<T>(
  note: (more: Record<string, unknown> & { stage: Stage }) => Promise<void>,
  work: () => Promise<T>,
  {
    outcome,
    codeOf,
  }: { outcome: (result: T) => Record<string, unknown>; codeOf: (error: unknown) => string | undefined },
): Promise<T> {
  await note({ stage: 'begun' });
  let result: T;
  try {
    result = await work();
  } catch (error) {
    // That it began stands there; why the work failed is what matters.
    await note({ why: codeOf(error) ?? 'unexpected', stage: 'failed' }).catch(() => {});
    throw error;
  }
  await note({ ...outcome(result), stage: 'done' });
  return result;
}
