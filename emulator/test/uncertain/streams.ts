import { postTime } from '../../src/world/ids.ts';
import { asText, type Cases, type Json, type Wire } from './wire.ts';

const RULES = '/2/tweets/search/stream/rules';

/** Rules, and what streams hold. */
export const STREAM_CASES = {
  'duplicate-rule-status': {
    ask: async (wire) => (await addTwice(wire)).status,
    each: { '200': 200, '201': 201 },
  },
  'duplicate-rule-counts-as': {
    ask: async (wire) => (await addTwice(wire)).json['meta']?.['summary'],
    each: {
      invalid: { created: 0, not_created: 1, valid: 0, invalid: 1 },
      valid: { created: 0, not_created: 1, valid: 1, invalid: 0 },
    },
  },
  'broken-rule': {
    async ask({ call }) {
      const { status, json } = await call(RULES, { body: { add: [{ value: 'rain' }, { value: '(' }] } });
      return [status, Object.keys(json), json['meta']?.['summary']];
    },
    each: {
      'refuses-all': [400, ['meta', 'errors'], { created: 0, not_created: 2, valid: 1, invalid: 1 }],
      'refuses-itself': [201, ['data', 'meta', 'errors'], { created: 1, not_created: 1, valid: 1, invalid: 1 }],
    },
  },
  'rule-cap-status': {
    async ask({ call }) {
      await call('/_emulator/limits', { body: { rules: 1 } });
      const { status, json } = await call(RULES, { body: { add: [{ value: 'rain' }, { value: 'snow' }] } });
      return [status, json['title']];
    },
    each: { '422': [422, 'RulesCapExceeded'], '400': [400, 'RulesCapExceeded'], '403': [403, 'RulesCapExceeded'] },
  },
  'dry-run-ids': {
    ask: async ({ call }) =>
      Object.keys(
        (await call(`${RULES}?dry_run=true`, { body: { add: [{ value: 'rain' }] } })).json['data']?.[0] ?? {},
      ),
    each: { shown: ['value', 'id'], absent: ['value'] },
  },
  'untagged-rule': {
    options: { rate: 'max' },
    async ask({ call, posts }) {
      await call(RULES, { body: { add: [{ value: 'coffee OR music' }] } });
      const [first] = await posts('/2/tweets/search/stream', 1);
      return Object.keys(first?.['matching_rules']?.[0] ?? {});
    },
    each: { empty: ['id', 'tag'], absent: ['id'] },
  },
  'no-rules': {
    ask: async ({ call }) => Object.keys((await call(RULES)).json),
    each: { absent: ['meta'], empty: ['data', 'meta'] },
  },
  keepalives: {
    options: { keepaliveMs: 1, rate: 'max' },
    // Flat out there is no silence.
    ask: async ({ lines }) => (await lines('/2/tweets/sample/stream', 1000)).includes(''),
    each: { 'in-silence': false, always: true },
  },
  'backfill-refused': {
    options: { access: 'pro' },
    async ask({ call }) {
      const { status, json } = await call('/2/tweets/search/stream?backfill_minutes=1');
      return [status, json['title']];
    },
    each: { '400': [400, 'Invalid Request'], '403': [403, 'Forbidden'] },
  },
  'sample-choice': {
    options: { rate: 5, clock: 50, accounts: 4_194_304 },
    async ask({ posts }) {
      const v2 = await posts('/2/tweets/sample/stream', 8);
      const v1 = await posts('/1.1/statuses/sample.json', 8);
      const ids = [v2.map(({ data }) => data?.['id']), v1.flatMap(({ id_str }) => id_str ?? [])];
      return ids.map((list) => areWithin(list, 10));
    },
    each: { milliseconds: [true, true], random: [false, false] },
  },
  'tenth-choice': {
    options: { rate: 5, clock: 50, accounts: 4_194_304 },
    async ask({ posts }) {
      const told = await posts('/2/tweets/sample10/stream?partition=1', 30);
      return areWithin(
        told.map(({ data }) => data?.['id']),
        100,
      );
    },
    each: { milliseconds: true, random: false },
  },
} satisfies Partial<Cases>;

async function addTwice({ call }: Wire) {
  await call(RULES, { body: { add: [{ value: 'rain' }] } });
  return call(RULES, { body: { add: [{ value: 'rain' }] } });
}

/** Whether posts were all made in so many milliseconds from 657 on. */
function areWithin(ids: readonly (Json | undefined)[], lengthMs: number): boolean {
  return ids.every((id) => {
    const ms = (postTime(asText(id))?.at ?? 0) % 1000;
    return ms >= 657 && ms < 657 + lengthMs;
  });
}
