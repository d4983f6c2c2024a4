/**
 * How much of what a platform allows the real planner uses: simulated days, a model of the platform that counts by itself.
 * `node bench/permits-simulation.ts [--days 7] [--credentials 1,4,16] [--limits 15,180,900] [--windows first-call,fixed] [--output FILE]` Prints JSON.
 * E = calls answered / (credentials x limit x time / window); reopen delay: from the reset that a full window told to the next call
 * that arrives, while work waits; `fromEndMs`: from the window's end, which is told in whole seconds, rounded up.
 * Makespan: 1,800 calls of 0.45 s at 900 in 15 minutes, 8 in flight, one credential, against the least time there is.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { seeded } from '../test/support/permits/random.ts';
import { simulatePlanner } from '../test/support/permits/simulate-planner.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '7' },
    credentials: { type: 'string', default: '1,4,16' },
    limits: { type: 'string', default: '15,180,900' },
    windows: { type: 'string', default: 'first-call,fixed' },
    output: { type: 'string' },
  },
});

const WINDOW_MS = 900_000;
const undisturbed = { lostRequest: 0, lostAnswer: 0, missingHeaders: 0, missingDate: 0, lie: 0 };
const untilMs = Number(values.days) * 86_400_000;
const runs: object[] = [];
for (const credentials of values.credentials.split(',').map(Number)) {
  for (const limit of values.limits.split(',').map(Number))
    for (const windows of values.windows.split(',')) {
      if (windows !== 'fixed' && windows !== 'first-call') throw new Error(`--windows ${windows}: first-call or fixed`);
      const cpu = process.cpuUsage();
      const { model } = simulatePlanner({
        platform: { limit, windowMs: WINDOW_MS, windows, skewMs: 3210 },
        credentials,
        callers: [{ spender: 'a', count: 2 * credentials }],
        disturbance: { ...undisturbed, latency: (random) => 150 + 150 * random() },
        random: seeded(credentials * 1000 + limit),
        untilMs,
      });
      const run = {
        ...{ credentials, limit, windows },
        percent: Math.round((model.allowed / ((credentials * limit * untilMs) / WINDOW_MS)) * 1e5) / 1e3,
        refused: model.refused,
        reopenMs: { mean: Math.round(model.reopenSumMs / model.reopens), longest: Math.round(model.longestReopenMs) },
        fromEndMs: Math.round(model.longestFromEndMs),
        calls: model.allowed,
        cpuMicrosPerCall: Math.round(process.cpuUsage(cpu).user / model.allowed),
      };
      runs.push(run);
      process.stderr.write(`${JSON.stringify(run)}\n`);
    }
}
const result = {
  bench: 'permits-simulation',
  question: 'share of the allowed calls that the planner uses in simulated time',
  at: new Date().toISOString(),
  days: Number(values.days),
  runs,
  makespan: makespan(),
};
if (values.output !== undefined) await writeFile(values.output, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);

/** The least: the first call, all of its window, then the second half of the calls at the pace of 8 in flight. */
function makespan() {
  const calls = 1800;
  const inFlight = 8;
  const callMs = 450;
  const { model, endedAtMs } = simulatePlanner({
    platform: { limit: 900, windowMs: WINDOW_MS, windows: 'first-call', skewMs: -1234 },
    credentials: 1,
    callers: [{ spender: 'a', count: inFlight }],
    disturbance: { ...undisturbed, latency: () => callMs / 2 },
    random: seeded(1),
    untilMs: 4 * WINDOW_MS,
    untilAnswered: calls,
  });
  const idealMs = WINDOW_MS + Math.ceil(900 / inFlight) * callMs;
  return {
    calls,
    refused: model.refused,
    tookMs: Math.round(endedAtMs),
    idealMs,
    ratio: Math.round((endedAtMs / idealMs) * 1e4) / 1e4,
  };
}
