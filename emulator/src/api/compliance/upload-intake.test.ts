import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UploadIntake } from './upload-intake.ts';

const runs = { seed: 22, numRuns: 100 };
const ids = fc.array(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String), { maxLength: 40 });
const ends = fc.constantFrom('\n', '\r\n', '\n\n', ' \n');

async function takeInPieces(text: string, cuts: readonly number[]): Promise<{ intake: UploadIntake; asked: string[] }> {
  const asked: string[] = [];
  const intake = new UploadIntake((id) => {
    asked.push(id);
    return id.endsWith('7') ? `${id}\n` : undefined;
  });
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  for (const [n, place] of places.entries()) await intake.take(bytes.subarray(places[n - 1] ?? 0, place));
  intake.finish();
  return { intake, asked };
}

it('reads every id once and in order, wherever the pieces are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      ids,
      ends,
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (list, end, isEnded, cuts) => {
        const text = list.join(end) + (isEnded ? end : '');
        const { intake, asked } = await takeInPieces(text, cuts);
        expect(asked).toEqual(list);
        expect([intake.ids, intake.faults, intake.bytes]).toEqual([list.length, 0, Buffer.byteLength(text)]);
        expect(intake.results).toEqual(list.filter((id) => id.endsWith('7')).map((id) => `${id}\n`));
      },
    ),
    runs,
  );
});

it('counts what is no id, however long, and keeps nothing of it', async () => {
  const { intake, asked } = await takeInPieces(`20\n${'9'.repeat(100_000)}\nid\n-1\n21`, [50, 70_000]);
  expect(asked).toEqual(['20', '21']);
  expect([intake.ids, intake.faults]).toEqual([2, 3]);
});
