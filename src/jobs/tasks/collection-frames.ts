/** Which plan's segments hold a collection's frames of an hour, and which of these frames are its own. */
import { join } from 'node:path';
import { type MeantFrom, MeaningReader } from '../../capture/meaning/meaning-reader.ts';
import { HOUR_MS } from '../../core/time.ts';
import { Attributor } from '../../core/rules/attribute.ts';
import { matchablePost, matchingRules } from '../../platforms/x/filter-matchable.ts';
import type { FrameChoice } from '../../process/read-node.ts';
import type { Queryable } from '../../store/db.ts';
import type { Collection } from '../../store/queries/collection.ts';

/**
 * The plan that captured a collection's hour (its first instant, ms); of a filter collection those of the streams that it shared then, in order: it
 * may have got another credential within the hour. Where it shared none then, the one that it shared last.
 */
export async function plansOfHour(
  db: Queryable,
  { collectionId, name, kind }: Collection,
  hourMs: number,
): Promise<string[]> {
  if (kind !== 'filter') return [name];
  const members = await db.query<{ plan: string; is_then: boolean }>(
    `select plan, coalesce(to_at > $3, true) as is_then from filter_members
      where collection_id = $1 and from_at < $2 order by from_at`,
    [collectionId, new Date(hourMs + HOUR_MS).toISOString(), new Date(hourMs).toISOString()],
  );
  const then = members.filter((member) => member.is_then);
  const plans = (then.length > 0 ? then : members.slice(-1)).map(({ plan }) => plan);
  return plans.length === 0 ? [name] : [...new Set(plans)];
}

/** Tells of each frame of shared streams whether the collection asked for it when it came. */
export async function framesOfCollection(
  { segmentsFolder, plans, nodes }: { segmentsFolder: string; plans: readonly string[]; nodes: readonly string[] },
  collection: string,
): Promise<FrameChoice> {
  const meanings = new Map<string, Meanings[]>();
  for (const node of new Set(nodes)) {
    const ofNode = plans.map((plan) => new Meanings(join(segmentsFolder, plan), node));
    for (const each of ofNode) await each.refresh();
    meanings.set(node, ofNode);
  }
  return (node, payload, at) => {
    const atMs = Date.parse(at);
    const meant = (meanings.get(node) ?? []).flatMap((each) => each.attributorAt(atMs) ?? []);
    if (meant.length === 0) return false;
    const line = parsed(payload);
    // What the platform said, and what nobody can read, is counted in every dataset of the stream.
    if (line === undefined || matchablePost(line) === undefined) return true;
    const rules = matchingRules(line);
    // Of two streams in one hour the one whose rule it names is where it came from.
    const knowing = meant.filter((attributor) => attributor.knows(rules));
    return (knowing.length > 0 ? knowing : meant).some((attributor) =>
      attributor.attribute(rules, () => matchablePost(line)).some((each) => each.collection === collection),
    );
  };
}

/** What one node's frames of one stream meant, with the last answer kept. */
class Meanings {
  readonly #reader: MeaningReader;
  #last: { meant: MeantFrom; attributor: Attributor } | undefined;

  constructor(planFolder: string, node: string) {
    this.#reader = new MeaningReader(planFolder, node);
  }

  async refresh(): Promise<void> {
    await this.#reader.refresh();
  }

  attributorAt(ms: number): Attributor | undefined {
    const meant = this.#reader.at(ms);
    if (meant === undefined) return undefined;
    if (this.#last?.meant !== meant) this.#last = { meant, attributor: new Attributor(meant.meaning) };
    return this.#last.attributor;
  }
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined; // malformed: the dataset says so
  }
}
