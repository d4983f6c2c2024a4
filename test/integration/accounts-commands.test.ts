/** Following accounts by hand: lists line by line, sets, active or not, no longer; each says what became of it. */
import { describe, expect, it } from 'vitest';
import { importAccounts } from '../../src/jobs/accounts/import-accounts.ts';
import { createHttpCaller } from '../../src/platforms/http-call.ts';
import { createXReads } from '../../src/platforms/x/read/x-reads.ts';
import { budgetReport } from '../../src/store/permits/budgets.ts';
import { listFollowed, listSets } from '../../src/store/accounts/find-followed.ts';
import { towards } from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import { credential, permitsFor, quickAsker } from '../support/timelines/desk.ts';
import { START } from '../support/timelines/evidence.ts';
import { openOffice } from '../support/timelines/office.ts';

// Accounts of the world with seed 5.
const NOUR = { id: '1542283123026851057', handle: 'nour2943984' };
const YUKI = { id: '3055947503', handle: '_yuki6954628' };
const MINJI = { id: '836410276664668052', handle: 'minji3124937' };

async function handlesOf(url: string): Promise<Record<string, string>> {
  return (await (await fetch(new URL('/_emulator/credentials', url))).json()) as Record<string, string>;
}

async function* each(lines: string[]): AsyncGenerator<string> {
  yield* lines;
}

describe('a list of accounts', () => {
  it('gets one outcome per line, the same in a dry run, which changes nothing', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const { db } = office;
    const known = await handlesOf(office.emulator.url);
    const lines = [
      `\uFEFF@${NOUR.handle}`,
      '',
      `https://x.com/${YUKI.handle.toUpperCase()}`,
      MINJI.id,
      NOUR.handle.toUpperCase(),
      known.user_suspended ?? '',
      known.user_deleted ?? '',
      known.user_protected ?? '',
      'not a name!',
      '99999999999999999999999999',
      NOUR.id,
    ];
    const expected = [
      [1, 'added', NOUR.id, NOUR.handle],
      [3, 'added', YUKI.id, YUKI.handle],
      [4, 'added', MINJI.id, MINJI.handle],
      [5, 'present', NOUR.id, NOUR.handle],
      [6, 'suspended', null, known.user_suspended],
      [7, 'not_found', null, known.user_deleted],
      [8, 'protected', known.user_protected_id, known.user_protected],
      [9, 'invalid', null, null],
      [10, 'invalid', null, null],
      [11, 'present', NOUR.id, NOUR.handle],
    ];
    const brief = (outcomes: Awaited<ReturnType<typeof office.follow>>) =>
      outcomes.map(({ line, outcome, uid, handle }) => [line, outcome, uid, handle]);
    const dry = await office.follow(lines, { set: 'Press', dryRun: true });
    expect(brief(dry)).toEqual(expected);
    expect(await listFollowed(db, {})).toEqual([]);
    expect(await listSets(db)).toEqual([]);

    const outcomes = await office.follow(lines, { set: 'Press' });
    expect(brief(outcomes)).toEqual(expected);
    expect(outcomes.every(({ message }) => /\.$|\)\.?$/.test(message))).toBe(true);
    expect((await listFollowed(db, { set: 'press' })).map(({ accountId }) => accountId).toSorted()).toEqual(
      [NOUR, YUKI, MINJI].map(({ id }) => id).toSorted(),
    );
    const [again] = await office.follow([NOUR.handle], { set: 'Others' });
    expect(again?.message).toBe(`@${NOUR.handle} (${NOUR.id}) is followed already and is in the set "Others" now.`);
    const [third] = await office.follow([`@${known.user_protected}`], { withProtected: true });
    expect(third).toMatchObject({ outcome: 'added', uid: known.user_protected_id });
    expect((await listFollowed(db, { state: 'protected' })).length).toBe(1);
  });

  it('says of each line that the platform did not answer, and goes on', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    using http = createHttpCaller();
    const asker = quickAsker(http, office.clock, permitsFor([credential('first')]));
    const outcomes = await Array.fromAsync(
      importAccounts(
        {
          ...{ db: office.db, asker, clock: office.clock, dryRun: false, withProtected: false },
          questions: createXReads({ apiUrl: 'http://127.0.0.1:9' }),
          signal: new AbortController().signal,
        },
        each(['somebody', '!', '12']),
      ),
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['error', 'invalid', 'error']);
    expect(outcomes[0]?.message).toMatch(/^The platform does not answer: /);
  });
});

describe('mistnet account', () => {
  it('activates only who is there, with the name that it bears now, and says before it deletes', async () => {
    const events = [
      { at: '+10m', do: 'rename', account: NOUR.id, to: 'NewName_1' },
      { at: '+10m', do: 'rename', account: YUKI.id, to: YUKI.handle.toUpperCase() },
      { at: '+10m', do: 'delete-account', account: MINJI.id },
    ];
    await using office = await openOffice({ speed: 20, start: START, events });
    const env = towards(office.emulator, { MISTNET_DATABASE_URL: office.databaseUrl });
    const account = (...args: string[]) => office.bench.mistnet(['account', ...args], { env });
    await office.follow([NOUR.handle, YUKI.handle, MINJI.handle]);
    const off = await Promise.all([account('deactivate', NOUR.handle), account('deactivate', MINJI.handle)]);
    expect(off.map(({ code, stdout }) => [code, stdout])).toEqual([
      [
        0,
        `@${NOUR.handle} is inactive: it is collected no longer; all that was collected stays and can be exported.\n`,
      ],
      [
        0,
        `@${MINJI.handle} is inactive: it is collected no longer; all that was collected stays and can be exported.\n`,
      ],
    ]);
    await until('the scenario', async () => (await office.standing(MINJI.id)).state === 'deleted', {
      withinMs: 60_000,
    });

    const [gone, back, names] = [
      await account('activate', MINJI.handle),
      await account('activate', NOUR.handle),
      await account('update-names'),
    ];
    expect(gone).toMatchObject({ code: 1, stdout: '' });
    expect(gone.stderr).toContain(`@${MINJI.handle} (${MINJI.id}) is gone from the platform, so it stays inactive.`);
    expect(back).toMatchObject({
      code: 0,
      stdout: `@NewName_1, whose name was @${NOUR.handle}, is active from now on.\n`,
    });
    expect(names.stdout).toBe(
      `Page 1 of 1\nuser: ${YUKI.handle} -- updating screen name to ${YUKI.handle.toUpperCase()}\n`,
    );
    const shown = JSON.parse((await account('show', NOUR.handle, '--json')).stdout) as Record<string, unknown>;
    expect(shown).toMatchObject({ accountId: NOUR.id, handle: 'NewName_1', active: true, state: 'public' });
    const former = Object.entries(shown.formerNames as Record<string, string>);
    expect(former).toEqual([[expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/), NOUR.handle]]);

    // One profile came with the activation, two with the look; who is gone costs nothing.
    expect((await budgetReport(office.db)).spend.map(({ resource, units }) => [resource, units])).toEqual([
      ['account', 3],
    ]);

    const asked = await account('delete', 'newname_1');
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toMatch(/Nothing of it was collected\. To do that, add --yes/);
    expect((await listFollowed(office.db, {})).length).toBe(3);
    expect(await account('delete', 'newname_1', '--yes')).toMatchObject({ code: 0 });
    expect((await listFollowed(office.db, {})).map(({ accountId }) => accountId).toSorted()).toEqual(
      [YUKI.id, MINJI.id].toSorted(),
    );
    const added = await account('add', YUKI.handle);
    expect(added).toMatchObject({ code: 1 });
    expect(added.stderr).toContain('is followed already');
    expect(await account('add', YUKI.handle, '--set', 'Press')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is in the set "Press" now'),
    });
  });
});
