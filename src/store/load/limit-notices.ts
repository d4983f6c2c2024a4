/** What platforms said that they held back, gathered in a batch and kept by connection and hour. */
import { heldBackOf } from '../../platforms/x/limit-notice.ts';
import { HOUR_MS } from '../../core/time.ts';
import type { Client } from '../db.ts';

type Notice = { session: string; hourMs: number; heldBack: number };

export class LimitNotices {
  readonly #highest = new Map<string, Notice>();

  /** Takes a control line; most say nothing of limits. */
  add(text: string, { session, capturedAtMs }: { session: string; capturedAtMs: number }): void {
    const heldBack = heldBackOf(text);
    if (heldBack === undefined || Number.isNaN(capturedAtMs)) return;
    const hourMs = Math.floor(capturedAtMs / HOUR_MS) * HOUR_MS;
    const key = `${hourMs} ${session}`;
    const before = this.#highest.get(key)?.heldBack ?? 0;
    this.#highest.set(key, { session, hourMs, heldBack: Math.max(before, heldBack) });
  }

  get all(): readonly Notice[] {
    return [...this.#highest.values()];
  }
}

/** Loading the same frames again changes nothing. */
export async function writeLimitNotices(client: Client, plan: string, notices: readonly Notice[]): Promise<void> {
  await client.query(
    `insert into limit_notices as n (plan, session, hour, held_back)
      select $1, s, h, c from unnest($2::text[], $3::timestamptz[], $4::bigint[]) as t (s, h, c)
      on conflict (plan, session, hour) do update set held_back = greatest(n.held_back, excluded.held_back)`,
    [
      plan,
      notices.map(({ session }) => session),
      notices.map(({ hourMs }) => new Date(hourMs).toISOString()),
      notices.map(({ heldBack }) => heldBack),
    ],
  );
}
