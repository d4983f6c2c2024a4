import { describe, expect, it } from 'vitest';
import { ConnectWindow } from './connect-window.ts';

const NOW = Date.UTC(2026, 10, 22, 13);

describe('connect window', () => {
  it('counts down in its headers and refuses nobody unless a limit is set', () => {
    const window = new ConnectWindow(undefined, () => NOW);
    expect(window.connect()).toEqual({ limit: 50, remaining: 49, resetAt: NOW / 1000 + 900, refused: false });
    for (let n = 0; n < 60; n++) window.connect();
    expect(window.connect()).toMatchObject({ remaining: 0, refused: false });
  });

  it('allows exactly the limit, and all of it again after the window', () => {
    let now = NOW;
    const window = new ConnectWindow(2, () => now);
    expect([window.connect(), window.connect(), window.connect()].map(({ refused }) => refused)).toEqual([
      false,
      false,
      true,
    ]);
    now += 15 * 60_000 - 1;
    expect(window.connect()).toMatchObject({ refused: true, resetAt: NOW / 1000 + 900 });
    now += 1;
    expect(window.connect()).toMatchObject({ refused: false, remaining: 1 });
  });
});
