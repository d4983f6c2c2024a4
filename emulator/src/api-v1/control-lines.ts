import { bothIds, exactNumber } from './exact-number.ts';

/** A stream's messages that are no statuses. Each is one line, without its end. Ids are decimal, instants Unix ms. */

export function deleteLine(post: string, user: string, at: number): string {
  const status = { ...bothIds(post), user_id: exactNumber(user), user_id_str: user };
  return JSON.stringify({ delete: { status, timestamp_ms: String(at) } });
}

/** The user has taken back the places of its posts up to that one. */
export function scrubGeoLine(user: string, upTo: string): string {
  return JSON.stringify({
    scrub_geo: {
      user_id: exactNumber(user),
      user_id_str: user,
      up_to_status_id: exactNumber(upTo),
      up_to_status_id_str: upTo,
    },
  });
}

/** @param missed how many posts matched but were more than the stream may carry, since it was opened */
export function limitLine(missed: number, at: number): string {
  return JSON.stringify({ limit: { track: missed, timestamp_ms: String(at) } });
}

export function statusWithheldLine(post: string, user: string, countries: readonly string[]): string {
  const status_withheld = { id: exactNumber(post), user_id: exactNumber(user), withheld_in_countries: countries };
  return JSON.stringify({ status_withheld });
}

export function userWithheldLine(user: string, countries: readonly string[]): string {
  return JSON.stringify({ user_withheld: { id: exactNumber(user), withheld_in_countries: countries } });
}

/** Why a stream was ended, as the platform numbers it. */
const REASONS = {
  1: 'Shutdown',
  4: 'Stall',
  7: 'admin logout',
  9: 'Max message limit',
  10: 'Stream exception',
  12: 'Shed load',
} as const;

/** @param stream name of the stream: app, endpoint and number */
export function disconnectLine(code: keyof typeof REASONS, stream: string): string {
  return JSON.stringify({ disconnect: { code, stream_name: stream, reason: REASONS[code] } });
}

export function fallingBehindLine(percent: number): string {
  const message =
    'Your connection is falling behind and messages are being queued for delivery to you. ' +
    `Your queue is now over ${percent}% full. You will be disconnected when the queue is full.`;
  return JSON.stringify({ warning: { code: 'FALLING_BEHIND', message, percent_full: percent } });
}
