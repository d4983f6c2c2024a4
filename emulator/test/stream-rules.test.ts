import { describe, expect, it } from 'vitest';
import { HAS_SPECIFICATIONS, Specification } from './support/specification.ts';
import { addRules, callV2, RULES } from './support/rules-client.ts';
import { startEmulator } from '../src/start-emulator.ts';

const summary = (created: number, notCreated: number, valid: number, invalid: number) => ({
  created,
  not_created: notCreated,
  valid,
  invalid,
});

describe('the rules of the filtered stream', () => {
  it('are none at first: no data at all', async () => {
    await using emulator = await startEmulator();
    const { status, body } = await callV2(emulator.url, RULES);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['meta']);
    expect(body.meta).toEqual({ sent: expect.stringMatching(/^\d{4}-.*Z$/) as string, result_count: 0 });
  });

  it('are created with ids that grow, tags or none, and are listed in their order', async () => {
    await using emulator = await startEmulator();
    const { status, body } = await callV2(emulator.url, RULES, {
      body: {
        add: [{ value: 'coffee has:links', tag: 'one' }, { value: ' train ', tag: null }, { value: 'owl -cat' }],
      },
    });
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual(['data', 'meta']);
    expect(body.meta.summary).toEqual(summary(3, 0, 3, 0));
    const ids = (body.data ?? []).map(({ id }) => id);
    expect(body.data).toEqual([
      { value: 'coffee has:links', tag: 'one', id: ids[0] },
      { value: 'train', id: ids[1] },
      { value: 'owl -cat', id: ids[2] },
    ]);
    expect(ids.every((id) => /^\d{19}$/.test(id))).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
    const listed = await callV2(emulator.url, RULES);
    expect(listed.body.data).toEqual([
      { id: ids[0], value: 'coffee has:links', tag: 'one' },
      { id: ids[1], value: 'train' },
      { id: ids[2], value: 'owl -cat' },
    ]);
    expect(listed.body.meta.result_count).toBe(3);
    const [some, none] = await Promise.all([
      callV2(emulator.url, `${RULES}?ids=${ids[2]},${ids[0]},1`),
      callV2(emulator.url, `${RULES}?ids=1`),
    ]);
    expect(some.body.data?.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect(none.body).toEqual({ meta: { sent: none.body.meta.sent, result_count: 0 } });
    const many = Array.from({ length: 999 }, (_, n) => `10000000000000${10_000 + n}`);
    const picked = await callV2(emulator.url, `${RULES}?ids=${[...many, ids[1]].join(',')}`);
    expect(picked.body.data?.map(({ id }) => id)).toEqual([ids[1]]);
  });

  it('that are there already are named, and keep no others out', async () => {
    await using emulator = await startEmulator();
    const [id] = await addRules(emulator.url, { value: 'coffee', tag: 'a' });
    const mixed = await callV2(emulator.url, RULES, {
      body: { add: [{ value: 'coffee', tag: 'b' }, { value: 'tea' }, { value: 'tea' }] },
    });
    const tea = mixed.body.data?.[0]?.id;
    expect(mixed.status).toBe(201);
    expect(Object.keys(mixed.body)).toEqual(['data', 'meta', 'errors']);
    expect(mixed.body.meta.summary).toEqual(summary(1, 2, 1, 2));
    const type = 'https://api.twitter.com/2/problems/duplicate-rules';
    expect(mixed.body.errors).toEqual([
      { value: 'coffee', id, title: 'DuplicateRule', type },
      { value: 'tea', id: tea, title: 'DuplicateRule', type },
    ]);
    const alone = await callV2(emulator.url, RULES, { body: { add: [{ value: 'coffee' }] } });
    expect(alone.status).toBe(200);
    expect(JSON.stringify(alone.body)).toBe(
      `{"meta":{"sent":"${alone.body.meta.sent}","summary":{"created":0,"not_created":1,"valid":0,"invalid":1}},` +
        `"errors":[{"value":"coffee","id":"${id}","title":"DuplicateRule","type":"${type}"}]}`,
    );
  });

  it('that cannot be read keep all others out, each with its details and positions', async () => {
    await using emulator = await startEmulator();
    const long = 'x'.repeat(1025);
    const { status, body } = await callV2(emulator.url, RULES, {
      body: { add: [{ value: 'cats and dogs' }, { value: 'tea' }, { value: '-tea' }, { value: long }, { value: '' }] },
    });
    expect(status).toBe(400);
    expect(Object.keys(body)).toEqual(['meta', 'errors']);
    expect(body.meta.summary).toEqual(summary(0, 5, 1, 4));
    const kind = { title: 'UnprocessableEntity', type: 'https://api.twitter.com/2/problems/invalid-rules' };
    expect(body.errors).toEqual([
      {
        value: 'cats and dogs',
        details: [
          'Ambiguous use of and as a keyword. Use a space to logically join two clauses, or "and" to find occurrences of and in text (at position 6)',
        ],
        ...kind,
      },
      { value: '-tea', details: expect.arrayContaining([expect.stringMatching(/at position 1/)]) as string[], ...kind },
      { value: long, details: ['Rule length must be less than or equal to 1024 characters'], ...kind },
      { value: '', details: [expect.any(String)] as string[], ...kind },
    ]);
    expect((await callV2(emulator.url, RULES)).body.meta.result_count).toBe(0);
  });

  it('are as many as the level allows, and not one more', async () => {
    await using emulator = await startEmulator();
    const rules = Array.from({ length: 1000 }, (_, n) => ({ value: `word${n}` }));
    expect(await addRules(emulator.url, ...rules)).toHaveLength(1000);
    const beyond = await callV2(emulator.url, RULES, { body: { add: [{ value: 'more' }] } });
    expect([beyond.status, beyond.body['title'], beyond.body['type']]).toEqual([
      422,
      'RulesCapExceeded',
      'https://api.twitter.com/2/problems/rule-cap',
    ]);
    const counts = await callV2(emulator.url, `${RULES}/counts`);
    expect(counts.body.data).toMatchObject({ cap_per_client_app: 1000, client_app_rules_count: { rule_count: 1000 } });
    await using basic = await startEmulator();
    await fetch(`${basic.url}/_emulator/limits`, { method: 'POST', body: '{"rules":25}' });
    const few = Array.from({ length: 26 }, (_, n) => ({ value: `word${n}` }));
    expect(await addRules(basic.url, ...few)).toEqual([]);
    expect(await addRules(basic.url, ...few.slice(1))).toHaveLength(25);
  });

  it('are listed in pages that hold each once, while rules come and go', async () => {
    await using emulator = await startEmulator();
    await addRules(emulator.url, ...Array.from({ length: 23 }, (_, n) => ({ value: `word${n}` })));
    const seen: string[] = [];
    let token = '';
    for (let page = 0; token !== '' || page === 0; page++) {
      const { body } = await callV2(emulator.url, `${RULES}?max_results=5${token}`);
      seen.push(...(body.data ?? []).map(({ value }) => value));
      const next = body.meta.next_token;
      if (next !== undefined) expect(next).toMatch(/^[0-9A-Z]{16}$/);
      token = next === undefined ? '' : `&pagination_token=${next}`;
      if (page === 1) await callV2(emulator.url, RULES, { body: { delete: { values: ['word0', 'word12'] } } });
      if (page === 2) await addRules(emulator.url, { value: 'late' });
    }
    const expected = Array.from({ length: 23 }, (_, n) => `word${n}`).filter((value) => value !== 'word12');
    expect(seen).toEqual([...expected, 'late']);
  });

  it('are deleted by id, by value, all at once; what is not there is told', async () => {
    await using emulator = await startEmulator();
    const [one] = await addRules(emulator.url, ...['one', 'two', 'three', 'four'].map((value) => ({ value })));
    const first = await callV2(emulator.url, RULES, { body: { delete: { ids: [one], values: ['two'] } } });
    expect([first.status, Object.keys(first.body), first.body.meta.summary]).toEqual([
      200,
      ['meta'],
      { deleted: 2, not_deleted: 0 },
    ]);
    const again = await callV2(emulator.url, RULES, { body: { delete: { ids: [one] } } });
    expect([again.status, again.body.meta.summary]).toEqual([200, { deleted: 0, not_deleted: 1 }]);
    expect(again.body.errors?.[0]).toMatchObject({
      title: 'Invalid Request',
      errors: [{ message: 'Rule does not exist' }],
    });
    const all = await callV2(emulator.url, `${RULES}?delete_all=true`, { body: '' });
    expect(all.body.meta.summary).toEqual({ deleted: 2, not_deleted: 0 });
    expect((await callV2(emulator.url, RULES)).body.data).toBeUndefined();
    // A rule that was deleted can come back, with another id.
    const [back] = await addRules(emulator.url, { value: 'one' });
    expect(BigInt(back ?? 0)).toBeGreaterThan(BigInt(one ?? 0));
  });

  it('stay as they are in a dry run, which answers the same', async () => {
    await using emulator = await startEmulator();
    const [id] = await addRules(emulator.url, { value: 'kept' });
    const added = await callV2(emulator.url, `${RULES}?dry_run=true`, { body: { add: [{ value: 'new' }] } });
    expect([added.status, added.body.meta.summary]).toEqual([201, summary(1, 0, 1, 0)]);
    const deleted = await callV2(emulator.url, `${RULES}?dry_run=true`, { body: { delete: { ids: [id] } } });
    expect(deleted.body.meta.summary).toEqual({ deleted: 1, not_deleted: 0 });
    expect((await callV2(emulator.url, RULES)).body.data).toEqual([{ id, value: 'kept' }]);
  });

  it.each([
    ['', 'The request body is not valid JSON.'],
    ['{"add":[', 'The request body is not valid JSON.'],
    ['[]', '$: array found, object expected'],
    ['{}', '$.add: is missing but it is required'],
    ['{"add":[{"value":"a"}],"delete":{"ids":["1"]}}', '$: should be valid to one and only one of the schemas'],
    ['{"add":{"value":"a"}}', '$.add: object found, array expected'],
    ['{"add":[]}', '$.add: there must be a minimum of 1 items in the array'],
    ['{"add":["a"]}', '$.add[0]: string found, object expected'],
    ['{"add":[{"value":1}]}', '$.add[0].value: integer found, string expected'],
    ['{"add":[{"tag":"a"}]}', '$.add[0].value: is missing but it is required'],
    ['{"add":[{"value":"a","tag":[1]}]}', '$.add[0].tag: array found, string expected'],
    [
      '{"add":[{"value":"a","x":1}]}',
      '$.add[0].x: is not defined in the schema and the schema does not allow additional properties',
    ],
    ['{"delete":{"ids":[1]}}', '$.delete.ids[0]: integer found, string expected'],
    ['{"delete":{"ids":["x"]}}', '$.delete.ids[0]: does not match the regex pattern ^[0-9]{1,19}$'],
    ['{"delete":{"ids":"1"}}', '$.delete.ids: string found, array expected'],
    ['{"delete":{}}', '$.delete.ids: there must be a minimum of 1 items in the array'],
    ['{"delete":null}', '$.delete: null found, object expected'],
  ])('are refused as the body %s, in the form of an invalid request', async (body, message) => {
    await using emulator = await startEmulator();
    const answer = await callV2(emulator.url, RULES, { body, method: 'POST' });
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body)).toEqual(['errors', 'title', 'detail', 'type']);
    expect(answer.body.errors?.[0]).toEqual({ parameters: {}, message });
  });

  it.each([
    [`${RULES}?max_results=0`, 'The `max_results` query parameter value [0] is not between 1 and 1000'],
    [`${RULES}?max_results=1001`, 'The `max_results` query parameter value [1001] is not between 1 and 1000'],
    [`${RULES}?ids=x`, 'The `ids` query parameter value [x] is not valid'],
    [`${RULES}?pagination_token=nonsense`, 'The `pagination_token` query parameter value [nonsense] is not valid'],
    [`${RULES}?page=1`, 'The query parameter [page] is not one of [ids,max_results,pagination_token]'],
    [
      `${RULES}/counts?rules_count.fields=x`,
      'The `rules_count.fields` query parameter value [x] is not one of [all_project_client_apps,cap_per_client_app,cap_per_project,client_app_rules_count,project_rules_count]',
    ],
  ])('are not listed for %s', async (path, message) => {
    await using emulator = await startEmulator();
    const { status, body } = await callV2(emulator.url, path);
    expect([status, body.errors?.[0]?.['message']]).toEqual([400, message]);
  });

  it.skipIf(!HAS_SPECIFICATIONS)(
    'answer as the platform describes itself (skipped: the description is absent)',
    async () => {
      await using emulator = await startEmulator();
      const { url } = emulator;
      const change = new Specification('2.166').validator('AddOrDeleteRulesResponse');
      const lookup = new Specification('2.166').validator('RulesLookupResponse');
      const counts = new Specification('2.166').validator('Get2TweetsSearchStreamRulesCountsResponse');
      const problem = new Specification('2.166').validator('Problem');
      expect(lookup((await callV2(url, RULES)).body)).toEqual([]);
      for (const body of [
        { add: [{ value: 'a b' }, { value: 'c', tag: 't' }] },
        { add: [{ value: 'c' }] },
        { add: [{ value: '-c' }] },
        { delete: { values: ['c', 'nothing'] } },
      ]) {
        expect(change((await callV2(url, RULES, { body })).body)).toEqual([]);
      }
      expect(lookup((await callV2(url, RULES)).body)).toEqual([]);
      expect(counts((await callV2(url, `${RULES}/counts`)).body)).toEqual([]);
      expect(counts((await callV2(url, `${RULES}/counts?rules_count.fields=cap_per_project`)).body)).toEqual([]);
      expect(problem((await callV2(url, RULES, { body: '{' })).body)).toEqual([]);
      await using newer = await startEmulator({ vocabulary: '2.167' });
      const { status, body } = await callV2(newer.url, `${RULES}/counts`);
      new Specification('2.167').expectValid('GET', `${RULES}/counts`, status, body);
    },
  );
});
