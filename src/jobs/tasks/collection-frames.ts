/** Which plan's segments hold a collection's frames of an hour, and which of these frames are its own. */
import { join } from 'node:path';
import { type MeantFrom, MeaningReader } from '../../capture/meaning/meaning-reader.ts';
import { Attributor } from '../../core/rules/attribute.ts';
import { matchablePost, matchingRules } from '../../platforms/x/filter-matchable.ts';
import type { FrameChoice } from '../../process/read-node.ts';
import type { Queryable } from '../../store/db.ts';
import type { Collection } from '../../store/queries/collection.ts';

/** The plan; of a filter collection that of the stream it shared last, as far as it began before the hour's end. */
export async function planOfHour(
  db: Queryable,
  { collectionId, name, kind }: Collection,
  hourEndMs: number,
): Promise<string> {
  if (kind !== 'filter') return name;
  const [member] = await db.query<{ plan: string }>(
    'select plan from filter_members where collection_id = $1 and from_at < $2 order by from_at desc limit 1',
    [collectionId, new Date(hourEndMs).toISOString()],
  );
  return member?.plan ?? name;
}

/** Tells of each frame of a shared stream whether the collection asked for it when it came. */
export async function framesOfCollection(
  { segmentsFolder, plan, nodes }: { segmentsFolder: string; plan: string; nodes: readonly string[] },
  collection: string,
): Promise<FrameChoice> {
  const meanings = new Map<string, MeaningReader>();
  for (const node of nodes) {
    const reader = new MeaningReader(join(segmentsFolder, plan), node);
    await reader.refresh();
    meanings.set(node, reader);
  }
  let last: { meant: MeantFrom; attributor: Attributor } | undefined;
  return (node, payload, at) => {
    const meant = meanings.get(node)?.at(Date.parse(at));
    if (meant === undefined) return false;
    if (last?.meant !== meant) last = { meant, attributor: new Attributor(meant.meaning) };
    const line = parsed(payload);
    // What the platform said, and what nobody can read, is counted in every dataset of the stream.
    if (line === undefined || matchablePost(line) === undefined) return true;
    const found = last.attributor.attribute(matchingRules(line), () => matchablePost(line));
    return found.some((each) => each.collection === collection);
  };
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined; // malformed: the dataset says so
  }
}
