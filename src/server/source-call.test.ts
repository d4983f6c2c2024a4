import { describe, expect, it } from 'vitest';
import { MistnetError } from '../core/errors.ts';
import { askSource, shareCall } from './source-call.ts';

function countedCall() {
  const pending: PromiseWithResolvers<number>[] = [];
  return {
    pending,
    call: () => {
      const answer = Promise.withResolvers<number>();
      pending.push(answer);
      return answer.promise;
    },
  };
}

describe('a question to the database', () => {
  it('that is never answered ends as database.unreachable', async () => {
    await expect(askSource(new Promise(() => {}))).rejects.toMatchObject({ code: 'database.unreachable' });
  });

  it('that meets a broken connection ends so too, any other failure as it is', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    await expect(askSource(Promise.reject(refused))).rejects.toMatchObject({ code: 'database.unreachable' });
    const wrong = Object.assign(new Error('column "x" does not exist'), { code: '42703' });
    await expect(askSource(Promise.reject(wrong))).rejects.toBe(wrong);
    const unknown = new MistnetError('collection.unknown', 'There is no collection "x".');
    await expect(askSource(Promise.reject(unknown))).rejects.toBe(unknown);
  });
});

describe('a shared question', () => {
  it('is asked once for all who ask at a time, and again when the answer has aged', async () => {
    let now = 0;
    const { pending, call } = countedCall();
    const ask = shareCall(call, { clock: { now: () => now }, maxAgeMs: 250 });
    const answers = Promise.all([ask(), ask(), ask()]);
    expect(pending).toHaveLength(1);
    pending[0]?.resolve(7);
    expect(await answers).toEqual([7, 7, 7]);
    now = 250;
    expect(await ask()).toBe(7);
    now = 251;
    const next = ask();
    expect(pending).toHaveLength(2);
    pending[1]?.resolve(8);
    expect(await next).toBe(8);
  });

  it('is not asked again while it hangs, until it is given up on', async () => {
    let now = 0;
    const { pending, call } = countedCall();
    const ask = shareCall(call, { clock: { now: () => now }, maxAgeMs: 250 });
    const early = [ask()];
    now = 9_000;
    early.push(ask());
    expect(pending).toHaveLength(1);
    now = 10_001;
    const third = ask();
    expect(pending).toHaveLength(2);
    // The first call's late end must not be taken for the end of the second.
    pending[0]?.reject(new Error('gone'));
    pending[1]?.resolve(9);
    expect(await third).toBe(9);
    expect(await Promise.allSettled(early)).toMatchObject(
      early.map(() => ({ status: 'rejected', reason: new Error('gone') })),
    );
  });

  it('that failed is asked anew by the next who asks', async () => {
    const { pending, call } = countedCall();
    const ask = shareCall(call, { clock: { now: () => 0 }, maxAgeMs: 250 });
    const failed = ask();
    pending[0]?.reject(new Error('no'));
    await expect(failed).rejects.toThrow('no');
    const next = ask();
    pending[1]?.resolve(1);
    expect(await next).toBe(1);
  });
});
