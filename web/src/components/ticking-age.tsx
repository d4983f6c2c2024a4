import { useEffect, useState } from 'react';
import { formatAge } from '../format.ts';

/**
 * How long ago something was, ticking. `ageMs` was true at `measuredAt` of this browser's monotonic clock. Tenths of a
 * second while they tell something, then once a second.
 */
export function TickingAge({ ageMs, measuredAt }: { ageMs: number; measuredAt: number }) {
  const [now, setNow] = useState(() => performance.now());
  const age = Math.max(0, ageMs + now - measuredAt);
  const isFresh = age < 10_000;
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), isFresh ? 100 : 1_000);
    return () => clearInterval(timer);
  }, [isFresh]);
  return <>{formatAge(age)}</>;
}
