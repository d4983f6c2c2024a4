/** The order of test files: what takes minutes begins first, lest one worker sits idle at the end while the other does it. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Small files that take long; without a record of earlier runs vitest begins with the largest. */
const LONGEST = [
  'test/faults/torture.test.ts',
  'test/faults/crash-points-capture.test.ts',
  'test/integration/system-crash.test.ts',
  'test/integration/system-demo.test.ts',
  'test/integration/hourly-publish.test.ts',
  'test/integration/system-faults.test.ts',
  'test/integration/system-database-away.test.ts',
  'test/integration/system-timelines.test.ts',
  'test/integration/timelines-unreadable.test.ts',
  'test/integration/accounts-commands.test.ts',
  'test/integration/capture-kill.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((path) => moduleId.endsWith(`/${path}`));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
