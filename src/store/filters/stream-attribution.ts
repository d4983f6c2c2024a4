/** Tells the loader which collections a frame of a shared stream belongs to, by what its rules meant when it came. */
import { join } from 'node:path';
import { meaningBytes, type MeantFrom, readMeanings } from '../../capture/meaning-file.ts';
import { type Attribution, Attributor } from '../../core/rules/attribute.ts';
import { matchablePost, matchingRules } from '../../platforms/x/filter-matchable.ts';
import type { Queryable } from '../db.ts';

/** A row to write: `matched` are the seeds that found the post; empty where only the rule is known. */
export type AttributedTo = { collectionId: number; matched: number[] };

/** How long a collection's being there is taken for granted. */
const COLLECTIONS_AGE_MS = 2_000;
/** Of meanings that are needed again and again, those used last stay worked out. */
const KEPT_ATTRIBUTORS = 4;

/** The attribution of one node's frames of one plan. `refresh` after reading frames and before asking about them. */
export class StreamAttribution {
  readonly #db: Queryable;
  readonly #planFolder: string;
  readonly #node: string;
  readonly #monotonicMs: () => number;
  #bytes = -1;
  #meanings: MeantFrom[] = [];
  #attributors = new Map<number, Attributor>();
  #collections = new Map<string, { collectionId: number; keepsRows: boolean }>();
  #collectionsAtMs = Number.NEGATIVE_INFINITY;
  #seeds = new Map<string, number>();

  constructor(options: {
    db: Queryable;
    segmentsFolder: string;
    plan: string;
    node: string;
    monotonicMs: () => number;
  }) {
    this.#db = options.db;
    this.#planFolder = join(options.segmentsFolder, options.plan);
    this.#node = options.node;
    this.#monotonicMs = options.monotonicMs;
  }

  /** Takes up what was noted since. A frame that was read before is never older than the meanings that are known now. */
  async refresh(): Promise<void> {
    const bytes = await meaningBytes(this.#planFolder, this.#node);
    const isNew = bytes !== this.#bytes;
    if (!isNew && this.#monotonicMs() - this.#collectionsAtMs < COLLECTIONS_AGE_MS) return;
    const meanings = isNew ? await readMeanings(this.#planFolder, this.#node) : this.#meanings;
    await this.#readRows(meanings);
    if (!isNew) return;
    this.#meanings = meanings;
    this.#attributors.clear();
    this.#bytes = bytes;
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
    const matched = sources.flatMap(({ kind, text }) => this.#seeds.get(seedKey(found.collectionId, kind, text)) ?? []);
    return [{ collectionId: found.collectionId, matched: matched.sort((a, b) => a - b) }];
  }

  #attributorAt(atMs: number): Attributor | undefined {
    const index = this.#meanings.findLastIndex(({ fromMs }) => fromMs <= atMs);
    const meant = this.#meanings[index];
    if (meant === undefined) return undefined;
    let attributor = this.#attributors.get(index);
    if (attributor === undefined) {
      attributor = new Attributor(meant.meaning);
      const oldest = this.#attributors.keys().next().value;
      if (this.#attributors.size >= KEPT_ATTRIBUTORS && oldest !== undefined) this.#attributors.delete(oldest);
      this.#attributors.set(index, attributor);
    }
    return attributor;
  }

  async #readRows(meanings: readonly MeantFrom[]): Promise<void> {
    const rows = await this.#db.query<{ collection_id: number; name: string; keep: string }>(
      `select collection_id, name, keep from collections where kind = 'filter'`,
    );
    this.#collections = new Map(
      rows.map((row) => [row.name, { collectionId: row.collection_id, keepsRows: row.keep !== 'files' }]),
    );
    await this.#readSeeds(meanings);
    this.#collectionsAtMs = this.#monotonicMs();
  }

  /** Seeds have numbers of this database; on another one they are made anew. */
  async #readSeeds(meanings: readonly MeantFrom[]): Promise<void> {
    const missing = new Map<string, { collectionId: number; kind: string; text: string }>();
    for (const { meaning } of meanings)
      for (const { name, clauses } of meaning.collections) {
        const found = this.#collections.get(name);
        if (found === undefined) continue;
        for (const { kind, text } of clauses.flatMap(({ sources }) => sources)) {
          const key = seedKey(found.collectionId, kind, text);
          if (!this.#seeds.has(key)) missing.set(key, { collectionId: found.collectionId, kind, text });
        }
      }
    if (missing.size === 0) return;
    const seeds = [...missing.values()];
    const given = [
      seeds.map((seed) => seed.collectionId),
      seeds.map(({ kind }) => kind),
      seeds.map(({ text }) => text),
    ];
    await this.#db.query(
      `insert into filter_seeds (collection_id, kind, text) select * from unnest($1::integer[], $2::text[], $3::text[])
        on conflict do nothing`,
      given,
    );
    const rows = await this.#db.query<{ seed_id: number; collection_id: number; kind: string; text: string }>(
      `select seed_id, collection_id, kind, text from filter_seeds
        join unnest($1::integer[], $2::text[], $3::text[]) as g (collection_id, kind, text) using (collection_id, kind, text)`,
      given,
    );
    for (const row of rows) this.#seeds.set(seedKey(row.collection_id, row.kind, row.text), row.seed_id);
  }
}

function seedKey(collectionId: number, kind: string, text: string): string {
  return `${collectionId} ${kind} ${text}`;
}
