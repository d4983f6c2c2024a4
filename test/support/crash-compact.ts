/** A program that compacts the hour in a folder and kills itself at a named border: `node crash-compact.ts FOLDER PLAN NODE POINT`. */
import { compactHour } from '../../src/archive/compact-hour.ts';

const [folder = '', plan = '', node = '', point = ''] = process.argv.slice(2);
await compactHour({
  ...{ folder, plan, node },
  isReady: () => true,
  signal: new AbortController().signal,
  crashPoint: (name) => {
    if (name === point) process.kill(process.pid, 'SIGKILL');
  },
});
