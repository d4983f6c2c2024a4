/** Tells the loader which collections a frame of a shared stream belongs to, by what its rules meant when it came. */
import { join } from 'node:path';
import type { MeaningLine } from '../../capture/meaning/meaning-line.ts';
import { MeaningReader, type MeantFrom } from '../../capture/meaning/meaning-reader.ts';
import { type Attribution, Attributor } from '../../core/rules/attribute.ts';
import { matchablePost, matchingRules } from '../../platforms/x/filter-matchable.ts';
import type { Queryable } from '../db.ts';

/** A row to write: `matched` are the seeds that found the post; empty where only the rule is known. */
export type AttributedTo = { collectionId: number; matched: number[] };

/** `seedId`: undefined until it was looked for. */
type Seed = { collection: string; kind: string; text: string; seedId?: number };

/** How long a collection's being there is taken for granted. */
const COLLECTIONS_AGE_MS = 2_000;
/** Of meanings that are needed again and again, those used last stay worked out. */
const KEPT_ATTRIBUTORS = 4;

/**
 * The attribution of one node's frames of one plan, for all who load its segments side by side. Each calls `refresh` after reading frames and before
 * asking about them.
 */
export class StreamAttribution {
  readonly #db: Queryable;
  readonly #meanings: MeaningReader;
  readonly #monotonicMs: () => number;
  readonly #attributors = new Map<MeantFrom, Attributor>();
  #collections = new Map<string, { collectionId: number; keepsRows: boolean }>();
  #collectionsAtMs = Number.NEGATIVE_INFINITY;
  readonly #seeds = new Map<string, Seed>();
  readonly #seedsToFind = new Set<Seed>();
  #looking: Promise<void> = Promise.resolve();

  constructor(options: {
    db: Queryable;
    segmentsFolder: string;
    plan: string;
    node: string;
    monotonicMs: () => number;
  }) {
    this.#db = options.db;
    this.#meanings = new MeaningReader(join(options.segmentsFolder, options.plan), options.node);
    this.#monotonicMs = options.monotonicMs;
  }

  /**
   * Takes up what was noted since: no frame that was read before the call is newer than what is known after it. One look after the other: two at once
   * would take a line twice or none, and one that found nothing new would not wait for the rows of what the other had just found.
   */
  async refresh(): Promise<void> {
    const looked = this.#looking.then(() => this.#look());
    this.#looking = looked.catch(() => undefined); // told to whoever asked for that look; the next one begins anew
    await looked;
  }

  async #look(): Promise<void> {
    const isNew = await this.#meanings.refresh((line) => this.#noteSeeds(line));
    // Also for the next look, should the database not answer this one.
    if (isNew) this.#collectionsAtMs = Number.NEGATIVE_INFINITY;
    if (this.#monotonicMs() - this.#collectionsAtMs < COLLECTIONS_AGE_MS) return;
    await this.#readRows();
  }

  /** The rows for a frame that was captured at an instant; none when nobody asked for it then. `line`: the payload, parsed. */
  rowsOf(line: unknown, capturedAtMs: number): AttributedTo[] {
    const attributor = this.#attributorAt(capturedAtMs);
    if (attributor === undefined) return [];
    return attributor.attribute(matchingRules(line), () => matchablePost(line)).flatMap((each) => this.#rowOf(each));
  }

  #rowOf({ collection, sources }: Attribution): AttributedTo[] {
    const found = this.#collections.get(collection);
    if (found?.keepsRows !== true) return [];
    const matched = sources.flatMap(({ kind, text }) => this.#seeds.get(seedKey(collection, kind, text))?.seedId ?? []);
    return [{ collectionId: found.collectionId, matched: matched.sort((a, b) => a - b) }];
  }

  #attributorAt(atMs: number): Attributor | undefined {
    const meant = this.#meanings.at(atMs);
    if (meant === undefined) return undefined;
    let attributor = this.#attributors.get(meant);
    if (attributor === undefined) {
      attributor = new Attributor(meant.meaning);
      const oldest = this.#attributors.keys().next().value;
      if (this.#attributors.size >= KEPT_ATTRIBUTORS && oldest !== undefined) this.#attributors.delete(oldest);
      this.#attributors.set(meant, attributor);
    }
    return attributor;
  }

  async #readRows(): Promise<void> {
    const rows = await this.#db.query<{ collection_id: number; name: string; keep: string }>(
      `select collection_id, name, keep from collections where kind = 'filter'`,
    );
    const had = this.#collections;
    this.#collections = new Map(
      rows.map((row) => [row.name, { collectionId: row.collection_id, keepsRows: row.keep !== 'files' }]),
    );
    // One that was removed and made again has seeds of its own.
    for (const seed of this.#seeds.values())
      if (this.#collections.get(seed.collection)?.collectionId !== had.get(seed.collection)?.collectionId)
        this.#seedsToFind.add(seed);
    await this.#findSeeds();
    this.#collectionsAtMs = this.#monotonicMs();
  }

  #noteSeeds({ collections }: MeaningLine): void {
    for (const { name, clauses } of collections)
      for (const { kind, text } of clauses.flatMap(({ sources }) => sources)) {
        const key = seedKey(name, kind, text);
        if (this.#seeds.has(key)) continue;
        const seed = { collection: name, kind, text };
        this.#seeds.set(key, seed);
        this.#seedsToFind.add(seed);
      }
  }

  /** Seeds have numbers of this database; on another one they are made anew. Those of collections that are not here (yet) are looked for again. */
  async #findSeeds(): Promise<void> {
    const seeds = [...this.#seedsToFind].filter(({ collection }) => this.#collections.has(collection));
    if (seeds.length === 0) return;
    const given = [
      seeds.map(({ collection }) => this.#collections.get(collection)?.collectionId),
      seeds.map(({ kind }) => kind),
      seeds.map(({ text }) => text),
    ];
    await this.#db.query(
      `insert into filter_seeds (collection_id, kind, text) select * from unnest($1::integer[], $2::text[], $3::text[])
        on conflict do nothing`,
      given,
    );
    const rows = await this.#db.query<{ seed_id: number; at: string }>(
      `select seed_id, at from filter_seeds
        join unnest($1::integer[], $2::text[], $3::text[]) with ordinality as g (collection_id, kind, text, at)
          using (collection_id, kind, text)`,
      given,
    );
    for (const { seed_id, at } of rows) {
      const seed = seeds[Number(at) - 1];
      if (seed === undefined) continue;
      seed.seedId = seed_id;
      this.#seedsToFind.delete(seed);
    }
  }
}

function seedKey(collection: string, kind: string, text: string): string {
  return `${collection} ${kind} ${text}`;
}
