/** A program that compacts the hour in a folder: `node compact-once.ts FOLDER PLAN NODE`. */
import { compactHour } from '../../src/archive/compact-hour.ts';

const [folder = '', plan = '', node = ''] = process.argv.slice(2);
await compactHour({ ...{ folder, plan, node }, isReady: () => true, signal: new AbortController().signal });
