/** Posts around a place: the box that the index is asked for never loses one within the circle, at poles and the date line neither. */
import { expect, it } from 'vitest';
import { conditionSql } from '../../src/store/search/search-filter.ts';
import { freshDatabase } from '../support/database.ts';
import { seededRandom } from '../support/sample-posts.ts';

const PLACES = 400;
const CIRCLES = 300;

it('are those within the great circle, wherever it lies', async () => {
  const seed = Number(process.env['MISTNET_TEST_SEED'] ?? Date.now() % 1_000_000);
  console.info(`MISTNET_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  /** Often at the edges of the map, where degrees are odd. */
  const latitude = () => (random() < 0.2 ? Math.sign(random() - 0.5) * (85 + random() * 5) : (random() - 0.5) * 180);
  const longitude = () => (random() < 0.3 ? Math.sign(random() - 0.5) * (178 + random() * 2) : (random() - 0.5) * 360);
  await using test = await freshDatabase();
  const places = Array.from({ length: PLACES }, (_, at) => ({
    id: String(at + 1),
    at: [latitude(), longitude()] as const,
  }));
  await test.db.query(
    `insert into post_search (platform, post_id, at, kind, latitude, longitude, collection_ids, segment_id, content_offset, tokens)
      select 'x', i, '2026-11-20T12:00Z', 'original', la, lo, '{1}', 1, 0, '' from unnest($1::text[], $2::float8[], $3::float8[]) as t (i, la, lo)`,
    [places.map(({ id }) => id), places.map(({ at }) => at[0]), places.map(({ at }) => at[1])],
  );
  let met = 0;
  for (let circle = 0; circle < CIRCLES; circle++) {
    const [km, middle] = [10 ** (1 + random() * 3.3), [latitude(), longitude()] as const];
    const values: unknown[] = [];
    const near = { latitude: middle[0], longitude: middle[1], km };
    const { tokens } = conditionSql({ tokens: undefined, near }, values);
    const rows = await test.db.query<{ post_id: string }>(`select post_id from post_search s where ${tokens}`, values);
    const found = new Set(rows.map(({ post_id }) => post_id));
    for (const { id, at } of places) {
      const distance = kmBetween(middle, at);
      // Within a metre of the edge either answer is right.
      if (Math.abs(distance - km) < 0.001) continue;
      expect(found.has(id), `${at.join()} is ${distance} km from ${middle.join()}, asked for ${km}`).toBe(
        distance < km,
      );
      if (distance < km) met++;
    }
  }
  expect(met).toBeGreaterThan(CIRCLES);
});

/** By the angle between two vectors, not by the formula of the query. */
function kmBetween(a: readonly [number, number], b: readonly [number, number]): number {
  const [p, q] = [vector(a), vector(b)];
  const dot = p.reduce((sum, each, axis) => sum + each * (q[axis] ?? 0), 0);
  const cross = Math.hypot(...[0, 1, 2].map((i) => at(p, i + 1) * at(q, i + 2) - at(p, i + 2) * at(q, i + 1)));
  return 6371 * Math.atan2(cross, dot);
}

function at(vector: number[], axis: number): number {
  return vector[axis % 3] ?? 0;
}

function vector([latitude, longitude]: readonly [number, number]): number[] {
  const [la, lo] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
  return [Math.cos(la) * Math.cos(lo), Math.cos(la) * Math.sin(lo), Math.sin(la)];
}
