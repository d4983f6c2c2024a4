/** What a collection's state means, in honest words: also when the news of it are old, or connected means silent. */
import type { CollectionState, CollectionStatus } from '../../api/types.ts';
import { formatAge, formatDuration } from '../../format.ts';

export type Tone = 'good' | 'busy' | 'bad' | 'idle';
export type StateWords = { label: string; tone: Tone; sentence: string };

const states: Record<CollectionState, StateWords> = {
  starting: { label: 'Starting', tone: 'busy', sentence: 'The stream is being opened.' },
  connected: { label: 'Connected', tone: 'good', sentence: 'The stream is open and bytes come.' },
  reconnecting: { label: 'Reconnecting', tone: 'busy', sentence: 'The stream broke off and is being opened again.' },
  paused: { label: 'Paused', tone: 'bad', sentence: 'Nothing is collected until the reason is mended.' },
  stopped: { label: 'Stopped', tone: 'idle', sentence: 'Stopped on purpose; what was kept stays.' },
  failed: { label: 'Failed', tone: 'bad', sentence: 'Nothing is collected.' },
};

/** Of what does not listen: timelines are read as their turn comes, files when somebody brings them. */
const statesOfReading: Partial<Record<CollectionState, StateWords>> = {
  starting: { label: 'Waiting', tone: 'idle', sentence: 'Nothing was read yet.' },
  connected: { label: 'Running', tone: 'good', sentence: 'Accounts are read as their turn comes.' },
  reconnecting: { label: 'Trying again', tone: 'busy', sentence: 'A reading failed and is tried again.' },
};

/** Keep-alives come at least every 20 s; a little more than that without a byte is silence. */
const SILENT_MS = 25_000;
/** Capture reports each second; after this long its last word is only history. */
const UNREPORTED_MS = 15_000;

/** Whether a kind hears a stream; timelines are read, and files are brought. */
export function listensToStream(kind: CollectionStatus['kind']): boolean {
  return kind !== 'timeline' && kind !== 'import';
}

/** `now`: the server's instant for the status, ISO 8601. */
export function describeState(collection: CollectionStatus, now: string): StateWords {
  const { state, reason, lastByteAt, observedAt, kind } = collection;
  const listens = listensToStream(kind);
  const words = (listens ? undefined : statesOfReading[state]) ?? states[state];
  const runs = state === 'starting' || state === 'connected' || state === 'reconnecting';
  const unreportedMs = observedAt === undefined ? 0 : Date.parse(now) - Date.parse(observedAt);
  if (runs && unreportedMs > UNREPORTED_MS)
    return {
      label: 'No word',
      tone: 'bad',
      sentence: `Capture has said nothing for ${formatDuration(unreportedMs)}; before, it was ${words.label.toLowerCase()}.`,
    };
  const silentMs = lastByteAt === null ? 0 : Date.parse(now) - Date.parse(lastByteAt);
  if (listens && state === 'connected' && silentMs > SILENT_MS)
    return {
      label: 'Silent',
      tone: 'busy',
      sentence: `The stream is open, but nothing has come for ${formatDuration(silentMs)}.`,
    };
  return reason === undefined ? words : { ...words, sentence: reason };
}

/** When a post came last. What says so is some seconds old: of a stream on which posts come it would never be less. */
export function lastPostWords(postMs: number | null | undefined, postsPerSecond = 0): string {
  if (postsPerSecond > 0) return 'now';
  if (postMs === undefined) return '…';
  return postMs === null ? 'none in 7 days' : `${formatAge(Math.floor(postMs / 1_000) * 1_000)} ago`;
}

/** Whether it waits for a key to the platform. */
export function needsKey(state: CollectionState, { sentence }: StateWords): boolean {
  return state === 'paused' && /token|credential|key|401|403/i.test(sentence);
}

/** True when a person should look at it. */
export function needsAttention({ tone }: StateWords): boolean {
  return tone === 'bad' || tone === 'busy';
}
