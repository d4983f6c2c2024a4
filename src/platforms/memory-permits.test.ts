import { describe, expect, it } from 'vitest';
import { MistnetError } from '../core/errors.ts';
import { BudgetReached } from '../core/permits/budget.ts';
import { memoryPermits } from './memory-permits.ts';
import type { CallOutcome, EndpointLimit, PermitWish } from './permit-source.ts';

const clock = { now: () => performance.timeOrigin + performance.now() };
const limit: EndpointLimit = { endpoint: 'GET /2/users/:id/tweets', windowMs: 300, app: 3, user: 5 };
const wish: PermitWish = { limit, reserve: { resource: 'post', atMost: 100 } };
const never = new AbortController().signal;
const app = { label: 'team', kind: 'app' as const, authorization: () => 'Bearer a' };
const person = { label: 'ada', kind: 'user' as const, authorization: () => 'Bearer u' };

function answer(more: Partial<CallOutcome> = {}): CallOutcome {
  return { status: 200, billed: 0, ...more };
}

describe('permits in memory', () => {
  it('gives no more calls than a window has, and the rest when it has ended', async () => {
    const permits = memoryPermits({ credentials: [app], clock });
    const startedAt = clock.now();
    const at: number[] = [];
    await Promise.all(
      Array.from({ length: 7 }, async () => {
        const permit = await permits.acquire(wish, never);
        at.push(clock.now() - startedAt);
        await permit.settle(answer());
      }),
    );
    expect(at.filter((ms) => ms < 300).length).toBe(3);
    expect(at.filter((ms) => ms < 600).length).toBe(6);
  });

  it('pools credentials, and takes only those that the endpoint lets in', async () => {
    const permits = memoryPermits({ credentials: [app, person], clock });
    const labels: string[] = [];
    for (let call = 0; call < 8; call++) {
      const permit = await permits.acquire(wish, never);
      labels.push(permit.credential);
      await permit.settle(answer());
    }
    expect(labels.toSorted()).toEqual([...Array(5).fill('ada'), ...Array(3).fill('team')]);
    const own = await permits.acquire(
      { ...wish, limit: { ...limit, endpoint: 'GET /2/users/me', app: undefined } },
      never,
    );
    expect(own.credential).toBe('ada');
    const forbidden = permits.acquire({ ...wish, as: 'app', credential: 'ada' }, never);
    await expect(forbidden).rejects.toMatchObject({ code: 'credential.unusable' });
  });

  it("asks with somebody's own credential only what names it", async () => {
    const permits = memoryPermits({ credentials: [app, { ...person, isPersonal: true }], clock });
    for (let call = 0; call < 3; call++) {
      const permit = await permits.acquire(wish, never);
      expect(permit.credential).toBe('team');
      await permit.settle(answer());
    }
    const named = await permits.acquire({ ...wish, credential: 'ada' }, never);
    expect(named.credential).toBe('ada');
    const refused = permits.acquire({ ...wish, as: 'user' }, never);
    await expect(refused).rejects.toMatchObject({ code: 'credential.unusable' });
    const alone = memoryPermits({ credentials: [{ ...person, isPersonal: true }], clock });
    await expect(alone.acquire(wish, never)).rejects.toThrow(/belong to people and must be named/);
  });

  it('stops within one page of the budget and never beyond it', async () => {
    const permits = memoryPermits({ credentials: [app], clock, budgetMicros: 1_200_000 });
    const pay = async (billed: number) => (await permits.acquire(wish, never)).settle(answer({ billed }));
    await pay(100);
    await pay(37);
    const refused = await permits.acquire(wish, never).catch((reason: unknown) => reason);
    expect(permits.spentMicros).toBe(685_000);
    (refused as { settle(outcome: CallOutcome): void }).settle(answer({ billed: 100 }));
    const reached = await permits.acquire(wish, never).catch((reason: unknown) => reason);
    expect(reached).toBeInstanceOf(BudgetReached);
    expect((reached as Error).message).toContain('$1.185 of $1.20');
  });

  it('lets a call wait while others on their way have the rest of the budget reserved', async () => {
    const permits = memoryPermits({ credentials: [app], clock, budgetMicros: 900_000 });
    await (await permits.acquire(wish, never)).settle(answer({ billed: 0 }));
    const first = await permits.acquire(wish, never);
    const second = permits.acquire(wish, never);
    expect(permits.reservedMicros).toBe(500_000);
    await first.settle(answer({ billed: 2 }));
    expect((await second).credential).toBe('team');
  });

  it('tells 429 of a window from a cap, from money and from a refused credential', async () => {
    const cases: [CallOutcome['refusal'], number, string][] = [
      ['usage-capped', 429, 'budget.reached'],
      ['out-of-money', 402, 'budget.reached'],
      ['credential-refused', 401, 'credential.unusable'],
    ];
    for (const [refusal, status, code] of cases) {
      const permits = memoryPermits({ credentials: [app], clock });
      const waiting = [permits.acquire(wish, never), permits.acquire(wish, never)] as const;
      await (await waiting[0]).settle(answer({ status, ...(refusal === undefined ? {} : { refusal }) }));
      const reason = await waiting[1].catch((error: unknown) => error);
      expect(reason).toBeInstanceOf(MistnetError);
      expect((reason as MistnetError).code).toBe(code);
      await expect(permits.acquire(wish, never)).rejects.toMatchObject({ code });
    }
    const permits = memoryPermits({ credentials: [app], clock });
    const full = { limit: 3, remaining: 0, resetAtMs: Math.ceil(Date.now() / 1000) * 1000, platformNowMs: Date.now() };
    await (await permits.acquire(wish, never)).settle(answer({ status: 429, refusal: 'rate-limited', ...full }));
    expect((await permits.acquire(wish, never)).credential).toBe('team');
  });

  it('goes on with another credential when one is taken out', async () => {
    const permits = memoryPermits({ credentials: [app, person], clock });
    const first = await permits.acquire({ ...wish, credential: 'ada' }, never);
    await first.settle(answer({ status: 403, refusal: 'credential-refused' }));
    expect((await permits.acquire(wish, never)).credential).toBe('team');
    const elsewhere = { ...wish, limit: { ...limit, endpoint: 'GET /2/users/me' }, credential: 'ada' };
    expect((await permits.acquire(elsewhere, never)).credential).toBe('ada');
  });

  it('forgets who gave up waiting', async () => {
    const permits = memoryPermits({ credentials: [app], clock });
    const held = await permits.acquire(wish, never);
    const controller = new AbortController();
    const waiting = permits.acquire(wish, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await held.settle(answer());
    expect((await permits.acquire(wish, never)).credential).toBe('team');
  });

  it('keeps the distance between calls that some endpoints ask for', async () => {
    const permits = memoryPermits({ credentials: [app], clock });
    const spaced = { ...wish, limit: { ...limit, windowMs: 60_000, spacingMs: 120 } };
    const at: number[] = [];
    await Promise.all(
      Array.from({ length: 3 }, async () => {
        const permit = await permits.acquire(spaced, never);
        at.push(clock.now());
        await permit.settle(answer());
      }),
    );
    expect((at[1] as number) - (at[0] as number)).toBeGreaterThanOrEqual(119.9);
    expect((at[2] as number) - (at[1] as number)).toBeGreaterThanOrEqual(119.9);
  });
});
