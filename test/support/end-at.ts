/**
 * Loaded before a program and each of its threads (`NODE_OPTIONS=--import=…/end-at.ts`): sends the process a signal at a crash point.
 * `MISTNET_TEST_END_AT=NAME:NTH:SIGNAL`, as `seal.renamed:2:SIGKILL` at the second seal of a thread.
 */
import { subscribe } from 'node:diagnostics_channel';
import { CRASH_POINT_CHANNEL } from '../../src/core/crash-point.ts';

const [name, nth = '1', signal = 'SIGKILL'] = (process.env['MISTNET_TEST_END_AT'] ?? '').split(':');
let crossed = 0;
subscribe(CRASH_POINT_CHANNEL, (crossing) => {
  if (crossing === name && ++crossed === Number(nth)) process.kill(process.pid, signal);
});
