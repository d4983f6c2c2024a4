import { describe, expect, it } from 'vitest';
import type { PermitSource } from '../../platforms/permit-source.ts';
import { RulesPace } from './rules-pace.ts';

const WINDOW_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;
const STEP_MS = 50;
const SIGNAL = new AbortController().signal;

/** A platform that counts in windows as X does: each begins with a request and ends in one step. It may tell of them in whole seconds. */
class Platform {
  nowMs = 0;
  most = 0;
  readonly asked: number[] = [];
  readonly pace = new RulesPace(() => this.nowMs);
  readonly #permits: PermitSource;
  readonly #tells: boolean;
  #window = { endsMs: 0, used: 0 };

  constructor({ tells }: { tells: boolean }) {
    const source: PermitSource = {
      acquire: async () => ({
        ...{ credential: 'main', authorization: () => '' },
        settle: () => undefined,
      }),
    };
    this.#permits = this.pace.listeningTo(source);
    this.#tells = tells;
  }

  async ask(): Promise<void> {
    const limit = { endpoint: 'POST /rules', windowMs: WINDOW_MS, app: 100, user: undefined };
    const permit = await this.#permits.acquire({ limit, reserve: { resource: 'call', atMost: 0 } }, SIGNAL);
    if (this.nowMs >= this.#window.endsMs) this.#window = { endsMs: this.nowMs + WINDOW_MS, used: 0 };
    this.most = Math.max(this.most, ++this.#window.used);
    this.asked.push(this.nowMs);
    const told = {
      remaining: 100 - this.#window.used,
      resetAtMs: Math.ceil(this.#window.endsMs / 1000) * 1000,
      platformNowMs: Math.floor(this.nowMs / 1000) * 1000,
    };
    await permit.settle({ status: 201, billed: 0, ...(this.#tells ? told : {}) });
  }

  /** Rules change until an instant, so far apart; each change wants one rule and gives another one up. Answers the longest waits, ms. */
  async change(untilMs: number, apartMs: number): Promise<{ adding: number; deleting: number }> {
    const waits = { adding: 0, deleting: 0 };
    const oldest: { adding: number | undefined; deleting: number | undefined } = {
      ...{ adding: undefined, deleting: undefined },
    };
    for (let nextMs = this.nowMs; this.nowMs < untilMs; this.nowMs += STEP_MS) {
      if (this.nowMs >= nextMs) {
        oldest.adding ??= this.nowMs;
        oldest.deleting ??= this.nowMs;
        nextMs += apartMs;
      }
      if (oldest.adding !== undefined && this.pace.addInMs() <= 0) {
        waits.adding = Math.max(waits.adding, this.nowMs - oldest.adding);
        oldest.adding = undefined;
        this.pace.noteAdded();
        await this.ask();
      } else if (oldest.adding === undefined && oldest.deleting !== undefined && this.pace.mayDelete()) {
        waits.deleting = Math.max(waits.deleting, this.nowMs - oldest.deleting);
        oldest.deleting = undefined;
        this.pace.noteDeleted();
        await this.ask();
      }
    }
    return waits;
  }

  /** Most requests in any 15 minutes, wherever they begin. */
  get mostSliding(): number {
    let [most, from] = [0, 0];
    this.asked.forEach((ms, at) => {
      while ((this.asked[from] ?? 0) <= ms - WINDOW_MS) from++;
      most = Math.max(most, at - from + 1);
    });
    return most;
  }
}

describe('the pace of changes of rules', () => {
  it.each([true, false])(
    'keeps two hours of endless changes within every window, each at the platform in less than 10 s (windows told: %s)',
    async (tells) => {
      const platform = new Platform({ tells });
      const young = await platform.change(3 * 60_000, 250);
      expect(young.adding, 'a burst of minutes').toBeLessThan(8_500);
      const first = await platform.change(WINDOW_MS, 250);
      expect(first.adding, 'to the end of its window').toBeLessThan(10_000);
      const waits = await platform.change(2 * HOUR_MS, 250);
      expect(platform.most).toBeLessThanOrEqual(100);
      expect(platform.mostSliding, 'also where a window slides').toBeLessThanOrEqual(100);
      expect(waits.adding, 'all day').toBeLessThan(9_500);
      expect(waits.deleting).toBeLessThan(330_000);
    },
  );

  it('sends single changes at once, and many of them after a quiet while, and has some left when they do not end', async () => {
    const platform = new Platform({ tells: true });
    // One a minute, with what it replaces: none waits.
    const single = await platform.change(30 * 60_000, 60_000);
    expect(single.adding).toBe(0);
    // A few in a row, in a window of which little was used.
    platform.nowMs += WINDOW_MS;
    await platform.change(platform.nowMs + STEP_MS, STEP_MS);
    platform.nowMs += 3 * 60_000;
    expect(await platform.change(platform.nowMs + 5_000, 1_000)).toEqual({ adding: 0, deleting: STEP_MS });
    const endless = await platform.change(platform.nowMs + HOUR_MS, 250);
    expect(platform.most).toBeLessThanOrEqual(100);
    expect(endless.adding).toBeLessThan(10_000);
  });

  it('is that of a burst just after a thousand rules were let in, and keeps to the window when bursts come again and again', async () => {
    const platform = new Platform({ tells: true });
    for (let n = 0; n < 10; n++) {
      platform.pace.noteAdded();
      await platform.ask();
      platform.nowMs += 1_000;
    }
    expect((await platform.change(platform.nowMs + 2 * 60_000, 250)).adding).toBeLessThan(8_500);
    for (let burst = 0; burst < 20; burst++) {
      platform.nowMs += 61_000;
      await platform.change(platform.nowMs + 3 * 60_000, 250);
    }
    expect(platform.most).toBeLessThanOrEqual(100);
  });

  it('goes by what is left where others ask as well, and waits for the next window when nothing is', async () => {
    const platform = new Platform({ tells: true });
    await platform.ask();
    // A stranger with the same app.
    for (let n = 0; n < 98; n++) await platform.ask();
    platform.pace.noteAdded();
    expect(platform.pace.mayDelete({ isMore: true })).toBe(false);
    expect(platform.pace.addInMs({ isMore: true })).toBeGreaterThan(WINDOW_MS - 5_000);
    platform.nowMs = WINDOW_MS + 3_000;
    expect(platform.pace.addInMs()).toBe(0);
  });

  it('lets a thousand rules in at once, a hundred a request', async () => {
    const platform = new Platform({ tells: true });
    for (let n = 0; n < 10; n++) {
      expect(platform.pace.addInMs({ isMore: n > 0 })).toBe(0);
      platform.pace.noteAdded();
      await platform.ask();
    }
    expect(platform.pace.addInMs()).toBeGreaterThan(0);
  });
});
