import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { UNCERTAIN_DOC, uncertainDoc } from './support/uncertain-doc.ts';
import { ended, openStream, orderFault } from './support/stream-client.ts';
import { FAULT_KINDS } from '../src/faults/fault.ts';
import { HELP } from '../src/flags.ts';
import { startEmulator } from '../src/start-emulator.ts';

const docs = await readFile(new URL('../docs/README.md', import.meta.url), 'utf8');

it('the page of uncertain points is the one that their table makes', async () => {
  const made = uncertainDoc();
  expect(await readFile(UNCERTAIN_DOC, 'utf8'), 'run: node emulator/test/support/uncertain-doc.ts').toBe(made);
});

it('the reference names every flag of the help, and every fault', () => {
  const flags = [...HELP.matchAll(/^ +(--[a-z-]+)/gm)].map(([, flag]) => flag ?? '');
  expect(flags.length).toBeGreaterThanOrEqual(17);
  for (const flag of flags) expect(docs).toMatch(new RegExp(`^\\| \`${flag}`, 'm'));
  for (const kind of FAULT_KINDS) expect(docs).toContain(`\`${kind}\``);
});

it('the outputs of the quick start are what the emulator sends today', async () => {
  const shown = docs.split('\n').map((line) => line.trim());
  await using emulator = await startEmulator({ start: new Date('2026-11-22T13:00:00Z'), rate: 2 });
  const fields =
    'expansions=author_id&tweet.fields=author_id,created_at,lang,referenced_tweets&user.fields=location,public_metrics';
  for (const query of ['', fields]) {
    await orderFault(emulator.url, { kind: 'disconnect', after: 3 });
    using client = await openStream(emulator.url, { query: `backfill_minutes=1&${query}` });
    await ended(client);
    for (const line of query === '' ? client.posts() : client.posts().slice(0, 1)) expect(shown).toContain(line);
  }
  for (const [query, token] of [
    ['backfill_minutes=6', 'emulator-token'],
    ['', 'wrong'],
  ] as const) {
    using client = await openStream(emulator.url, { query, token });
    await ended(client);
    expect(shown).toContain(client.body().toString());
  }
});
