/** Writes `docs/errors.md` from the table of error codes: `node test/house/write-errors-doc.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorTable } from '../../src/core/errors.ts';

export const errorsDocFile = join(import.meta.dirname, '../../docs/errors.md');

/** The whole page, one row a code, in the order of the table. */
export function errorsDoc(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { message, exitCode }]) => `| \`${code}\` | ${message} | ${exitCode} |`,
  );
  return [
    '# Errors',
    '',
    'Generated from `src/core/errors.ts` by `node test/house/write-errors-doc.ts`; a test compares the two.',
    '',
    'Whatever goes wrong is said in one sentence that names the thing and what to do; the code in this table is the part',
    'that never changes, in the log, in replies of the server and in `--json` output. A command ends with the exit code of',
    'its error: 1 it failed, 2 it was called wrongly, 3 a verify found differences (0 is success).',
    '',
    '| code | meaning | exit code |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(errorsDocFile, errorsDoc());
