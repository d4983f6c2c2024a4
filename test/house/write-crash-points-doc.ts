/** Writes `docs/crash-points.md` from the comments at the borders: `node test/house/write-crash-points-doc.ts`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
export const crashPointsDocFile = join(root, 'docs/crash-points.md');

/** `must`: what recovery must do after a crash there. `file`: where it stands, below the root. */
export type Border = { name: string; must: string; file: string };

/** Comment and call must stand together: `// crash point NAME: recovery must …`, perhaps on two lines, then `crashPoint('NAME')`. */
const BORDER =
  /\/\/ crash point ([a-z.-]+): ([^\n]*(?:\n\s*\/\/[^\n]*)*)\n[^\n]*\bcrashPoint(?:\?\.)?\('([a-z.-]+)'\)/g;

/** All borders of the sources, by file and place. Throws where comment and call do not name the same, or one stands alone. */
export function findBorders(): Border[] {
  const borders: Border[] = [];
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .toSorted();
  for (const file of files.filter((name) => name !== join('core', 'crash-point.ts'))) {
    const source = readFileSync(join(root, 'src', file), 'utf8');
    const found = [...source.matchAll(BORDER)];
    const calls = source.match(/\bcrashPoint(\?\.)?\('/g)?.length ?? 0;
    const comments = source.match(/\/\/ crash point /g)?.length ?? 0;
    if (calls !== found.length || comments !== found.length)
      throw new Error(`src/${file}: ${calls} calls and ${comments} comments, ${found.length} of them together`);
    for (const [, name = '', must = '', called = ''] of found) {
      if (name !== called) throw new Error(`src/${file}: the comment names ${name}, the call ${called}`);
      borders.push({ name, must: must.replaceAll(/\s*\n\s*\/\/\s*/g, ' '), file: `src/${file}` });
    }
  }
  return borders;
}

/** The whole page. */
export function crashPointsDoc(): string {
  const files = [...new Set(findBorders().map(({ file }) => file))];
  const tables = files.flatMap((file) => [
    `## ${file}`,
    '',
    '| crash point | after a crash there |',
    '|---|---|',
    ...findBorders()
      .filter((border) => border.file === file)
      .map(({ name, must }) => `| \`${name}\` | ${must} |`),
    '',
  ]);
  return [
    '# Crash points',
    '',
    'Generated from the comments in `src/` by `node test/house/write-crash-points-doc.ts`; a test compares the two.',
    '',
    'Between two steps that each leave something on the disk or in the database lies a border, and a process may die there. Each border has a',
    'name, a comment that says what recovery must do, and a test that kills a real process at exactly that place (`SIGKILL`), and where it would',
    'make a difference tells it to stop there (`SIGTERM`): `test/faults/crash-points-capture.test.ts` for capture, `test/integration/`',
    '`hourly-publish`, `archive-compact`, `store-crash`, `capture-recover`, `timelines-killed`, `filter-rules` and `jobs-retention` for the others. A border without a test, or a test of',
    'a border that is not there, fails `test/house/crash-points.test.ts`. Instants between the borders are left to chance: [torture](torture.md).',
    '',
    ...tables,
  ].join('\n');
}

if (import.meta.main) writeFileSync(crashPointsDocFile, crashPointsDoc());
