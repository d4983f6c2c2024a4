/** What the overview shows beside the live figures. One question for all who look: the hours that are over are asked for seldom. */
import type { Clock } from '../core/time.ts';
import type { HourCount } from '../store/queries/posts-by-hour.ts';
import { type Sight, sees } from './caller.ts';
import { tracksWords } from './collection-words.ts';
import type { OverviewReply } from './routes/collections-schemas.ts';
import { shareCall } from './source-call.ts';
import type { CollectionSources } from './sources/collections.ts';
import { HOUR_MS, usualPerHour } from './time-buckets.ts';

const SHOWN_HOURS = 24;
const USUAL_HOURS = 7 * 24;
const WEEK_MS = USUAL_HOURS * HOUR_MS;
/** So often the last day is counted anew: what was back-filled or waited for the database may lie hours back. Between, only the running hours. */
const DAY_AGAIN_MS = 60_000;
const RUNNING_HOURS = 2;
const MAX_AGE_MS = 5_000;

export type Overview = (sight: Sight) => Promise<OverviewReply>;

export function createOverview({ sources, clock }: { sources: CollectionSources; clock: Clock }): Overview {
  const hours = hourCounts({ sources, clock });
  const all = shareCall(
    async () => {
      const [summaries, money, counts, gaps, heard, nodes, newest] = await Promise.all([
        sources.summaries(),
        sources.money(),
        hours(),
        sources.gapsOfDay(),
        sources.heardOfDay(),
        sources.nodeSamples(),
        sources.lastPosts(new Date(clock.now() - WEEK_MS).toISOString()),
      ]);
      return { summaries, money, counts, gaps, heard, nodes, newest, at: clock.now() };
    },
    { clock, maxAgeMs: MAX_AGE_MS },
  );

  return async (sight) => {
    const { summaries, money, counts, gaps, heard, nodes, newest, at } = await all();
    const endMs = (Math.floor(at / HOUR_MS) + 1) * HOUR_MS;
    const byName = Map.groupBy(counts, ({ collection }) => collection);
    const collections = summaries
      .filter(({ name }) => sees(sight, name))
      .map((summary) => {
        const posts = new Map((byName.get(summary.name) ?? []).map((each) => [Date.parse(each.hour), each.posts]));
        const last = (length: number) =>
          Array.from({ length }, (_, index) => posts.get(endMs - (length - index) * HOUR_MS) ?? 0);
        const spent = money.collections.find(({ collection }) => collection === summary.name);
        const missed = gaps.find(({ collection }) => collection === summary.name);
        return {
          ...{ name: summary.name, kind: summary.kind, tracks: tracksWords(summary), hours: last(SHOWN_HOURS) },
          usualPerHour: usualPerHour(last(USUAL_HOURS).slice(0, -1)),
          lastPostAt: newest.find(({ collection }) => collection === summary.name)?.at ?? null,
          gapsDay: missed?.gaps ?? 0,
          uncoveredDayMs: missed?.uncoveredMs ?? 0,
          heardDayPercent: heard.find(({ collection }) => collection === summary.name)?.percent ?? null,
          spentMicros: spent?.spentMicros ?? 0,
          budgetMicros: spent?.budgetMicros ?? null,
        };
      });
    return {
      at: new Date(at).toISOString(),
      firstHour: new Date(endMs - SHOWN_HOURS * HOUR_MS).toISOString(),
      collections,
      // What all collections together cost would tell of those that one does not see.
      money: {
        month: money.month,
        spentMicros: sight === 'all' ? money.spentMicros : sum(collections),
        budgetMicros: money.budgetMicros,
      },
      nodes,
    };
  };
}

function sum(collections: readonly { spentMicros: number }[]): number {
  return collections.reduce((total, { spentMicros }) => total + spentMicros, 0);
}

/** A week of hours, read once; then only as much of it as can have changed. */
function hourCounts({ sources, clock }: { sources: CollectionSources; clock: Clock }): () => Promise<HourCount[]> {
  let known: HourCount[] = [];
  let wholeAt: number | undefined;
  let dayAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock.now();
    const endMs = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS;
    const isDay = Math.abs(now - dayAt) >= DAY_AGAIN_MS;
    const hours = wholeAt === undefined ? USUAL_HOURS : isDay ? SHOWN_HOURS : RUNNING_HOURS;
    const fromMs = endMs - hours * HOUR_MS;
    const read = await sources.postsByHour({ from: new Date(fromMs).toISOString(), to: new Date(endMs).toISOString() });
    const oldestMs = endMs - USUAL_HOURS * HOUR_MS;
    known = [...known.filter(({ hour }) => Date.parse(hour) < fromMs && Date.parse(hour) >= oldestMs), ...read];
    wholeAt ??= now;
    if (hours > RUNNING_HOURS) dayAt = now;
    return known;
  };
}
