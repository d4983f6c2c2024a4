import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Spill } from './spill.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-spill-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** Rows of very different lengths, one of them longer than a batch. */
const rows = Array.from({ length: 3000 }, (_, number) =>
  Buffer.alloc(number === 1234 ? 6 << 20 : 1 + ((number * 37) % 3000), `row ${number} `),
);

async function gather(order: Uint32Array): Promise<{ numbers: number[]; wrong: number[] }> {
  await using spill = await Spill.create(join(folder, 'rows'));
  const places = { offset: new Float64Array(rows.length), length: new Uint32Array(rows.length) };
  for (const [number, row] of rows.entries()) {
    places.offset[number] = spill.size;
    places.length[number] = row.length;
    await spill.append(row);
  }
  const numbers: number[] = [];
  const wrong: number[] = [];
  for await (const batch of spill.gather(order, places)) {
    for (const [at, number] of batch.numbers.entries()) {
      const from = batch.starts[at] ?? -1;
      const row = rows[number] ?? Buffer.alloc(0);
      if (!batch.bytes.subarray(from, from + row.length).equals(row)) wrong.push(number);
      numbers.push(number);
    }
  }
  return { numbers, wrong };
}

describe('the spill', () => {
  it.each([
    ['as they came', (number: number) => number],
    ['backwards', (number: number) => rows.length - 1 - number],
    ['shuffled', (number: number) => (number * 1009) % rows.length],
  ])('gives rows back %s', async (_name, place) => {
    const order = Uint32Array.from(rows, (_row, number) => place(number));
    expect(await gather(order)).toEqual({ numbers: [...order], wrong: [] });
  });

  it('gives back some of the rows', async () => {
    const order = Uint32Array.from([2999, 5, 1234, 6]);
    expect(await gather(order)).toEqual({ numbers: [2999, 5, 1234, 6], wrong: [] });
    await rm(join(folder, 'rows'));
    expect(await gather(new Uint32Array(0))).toEqual({ numbers: [], wrong: [] });
  });
});
