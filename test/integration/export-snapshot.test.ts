import { describe, expect, it } from 'vitest';
import { withSnapshot } from '../../src/store/export/snapshot.ts';
import { freshDatabase } from '../support/database.ts';

const MANY = 'select n, repeat($1, 1000) from generate_series(1, $2) n';
const NAMES = 'select count(*)::int as sets from account_sets';

describe('one look at the database', () => {
  it('stays the same while rows are copied, and goes on when somebody stops reading them', async () => {
    await using test = await freshDatabase();
    const { db } = test;
    await db.query("insert into account_sets (name, created_at) values ('herons', now())");
    const never = new AbortController().signal;
    const bytes: number[] = [];
    await withSnapshot(db, never, async (snapshot) => {
      expect(await snapshot.query(NAMES)).toEqual([{ sets: 1 }]);
      await db.query("insert into account_sets (name, created_at) values ('owls', now())");
      let chunks = 0;
      for await (const chunk of snapshot.copy(MANY, ["it's", 50_000])) {
        if (chunks++ === 0) expect(await snapshot.query(NAMES)).toEqual([{ sets: 1 }]);
        bytes.push(chunk.length);
        if (chunks === 3) break;
      }
      expect(await snapshot.query(NAMES)).toEqual([{ sets: 1 }]);
      let all = 0;
      for await (const chunk of snapshot.copy(MANY, ['x', 1000])) all += chunk.length;
      expect(all).toBeGreaterThan(1_000_000);
      expect(await snapshot.query(NAMES)).toEqual([{ sets: 1 }]);
    });
    expect(bytes).toHaveLength(3);
    expect(await db.query(NAMES)).toEqual([{ sets: 2 }]);
  });

  it('ends with the reason of an abort amid a copy, and with what the server says of a wrong one', async () => {
    await using test = await freshDatabase();
    const stop = new AbortController();
    const reading = withSnapshot(test.db, stop.signal, async (snapshot) => {
      for await (const chunk of snapshot.copy(MANY, ['x', 2_000_000])) {
        if (chunk.length > 0) stop.abort(new Error('enough'));
      }
    });
    await expect(reading).rejects.toThrow('enough');
    const wrong = withSnapshot(test.db, new AbortController().signal, async (snapshot) => {
      for await (const chunk of snapshot.copy('select 1 / (3 - n) from generate_series(1, $1) n', [5])) void chunk;
    });
    await expect(wrong).rejects.toThrow('division by zero');
    expect(await test.db.query(NAMES)).toEqual([{ sets: 0 }]);
  });
});
