/**
 * Whether 200 filter collections with 500 rules change without one lost post, while the emulator sends 500 posts a second: the whole of mistnet
 * against the emulator, judged by the emulator. `node bench/filters.ts [--collections 200] [--lone 300] [--words 300] [--rate 500]
 * [--seconds 120] [--every-ms 250] [--seed 7] [--output FILE]` Prints JSON. Linux only.
 */
import { parseArgs } from 'node:util';
import { changeUnderLoad } from '../test/support/filters/change-under-load.ts';
import { databaseUrl, startTestServer, TEMPLATE } from '../test/support/postgres-global-setup.ts';
import { circumstances, tell } from './outcome.ts';

const { values } = parseArgs({
  options: {
    collections: { type: 'string', default: '200' },
    lone: { type: 'string', default: '300' },
    words: { type: 'string', default: '300' },
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '120' },
    'every-ms': { type: 'string', default: '250' },
    seed: { type: 'string', default: '7' },
    output: { type: 'string' },
  },
});

await using server = await startTestServer();
const report = await changeUnderLoad({
  databaseUrl: databaseUrl(server.url, TEMPLATE),
  ...{ seed: Number(values.seed), collections: Number(values.collections), rate: Number(values.rate) },
  ...{ lone: Number(values.lone), words: Number(values.words), seconds: Number(values.seconds) },
  everyMs: Number(values['every-ms']),
});
const comparer = "the emulator's own matching, for words that stood from before to after a post";
await tell(
  {
    bench: 'filters',
    question: 'Do 200 collections on 500 rules change all the time without one lost post?',
    ...circumstances(),
    ...report,
  },
  [
    { name: 'posts lost', figure: report.postsLost.length, goal: '<= 0', comparer },
    { name: 'words not said to have found a post', figure: report.unsaid.length, goal: '<= 0', comparer },
    { name: 'words wrongly said to have', figure: report.wrong.length, goal: '<= 0', comparer },
    { name: 'posts judged', figure: report.postsDue, goal: '>= 10000', comparer: '' },
    { name: 'connections', figure: report.connections, goal: '<= 1', comparer: '' },
    { name: 'rules at once', figure: report.rulesAtOnce, goal: '>= 500', comparer: '' },
    {
      name: 'seconds until a change is at the platform, median',
      figure: report.reachedMedianSec,
      goal: '<= 10',
      comparer: '',
    },
  ],
  values.output,
);
