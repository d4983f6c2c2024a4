import type { Box } from './ast.ts';
import { holdsPoint, overlaps } from './geo.ts';
import type { QueryPost } from './query-post.ts';
import { type TrackPhrase, trackPhrase, trackTerms } from './track.ts';

/** Parameters of `statuses/filter` as they came, lists separated by commas; undefined when missing. */
export interface StatusFilterParameters {
  readonly track?: string | undefined;
  readonly follow?: string | undefined;
  readonly locations?: string | undefined;
  readonly language?: string | undefined;
}

export interface StatusFilterLimits {
  readonly phrases: number;
  readonly accounts: number;
  readonly boxes: number;
}

/** What everybody had. */
const STATUS_FILTER_LIMITS: StatusFilterLimits = { phrases: 400, accounts: 5000, boxes: 25 };

/** A refusal: HTTP status, and the line that is its whole body (the platform ends it with CRLF). */
export class StatusFilterError extends Error {
  override readonly name = 'StatusFilterError';
  readonly status: 406 | 413;

  constructor(status: 406 | 413, message: string) {
    super(message);
    this.status = status;
  }
}

/** A filter of the v1.1 stream. track, follow and locations are alternatives; languages must hold as well. */
export interface StatusFilter {
  readonly phrases: readonly TrackPhrase[];
  readonly accounts: ReadonlySet<string>;
  readonly boxes: readonly Box[];
  /** Lower case; empty: all. */
  readonly languages: ReadonlySet<string>;
}

const MOST_PHRASE_BYTES = 60;
/** How much of a phrase the platform repeats when it finds it too long. */
const REPEATED = 25;

/** Reads the parameters of `statuses/filter`. Throws StatusFilterError, and nothing else, where the platform refuses. */
export function parseStatusFilter(
  parameters: StatusFilterParameters,
  limits: StatusFilterLimits = STATUS_FILTER_LIMITS,
): StatusFilter {
  const track = listOf('track', parameters.track, limits.phrases);
  const follow = listOf('follow', parameters.follow, limits.accounts);
  const locations = listOf('locations', parameters.locations, limits.boxes * 4);
  if (track.length + follow.length + locations.length === 0) {
    const message = 'No filter parameters found. Expect at least one parameter: follow track locations';
    throw new StatusFilterError(406, message);
  }
  return {
    phrases: track.map(readPhrase),
    accounts: new Set(follow.map(readAccount)),
    boxes: readBoxes(locations),
    languages: new Set((parameters.language ?? '').toLowerCase().split(',').filter(Boolean)),
  };
}

/** Whether a post goes to a stream with this filter. */
export function matchesStatusFilter(filter: StatusFilter, post: QueryPost): boolean {
  const { phrases, accounts, boxes, languages } = filter;
  if (languages.size > 0 && !languages.has(post.language.toLowerCase())) return false;
  if (accounts.size > 0 && concerns(post, accounts)) return true;
  if (boxes.some((box) => liesIn(post, box))) return true;
  if (phrases.length === 0) return false;
  const terms = trackTerms(post);
  return phrases.some((phrase) => phrase.every((term) => terms.has(term)));
}

/** By the account, a repost of it, or a reply to it; merely naming it doesn't count. */
function concerns(post: QueryPost, accounts: ReadonlySet<string>): boolean {
  return [post.author, post.repostOf?.author, post.inReplyTo?.account].some(
    (account) => account !== undefined && accounts.has(account.id),
  );
}

/** Exact coordinates decide alone; a place counts as soon as its box touches. */
function liesIn({ coordinates, place }: QueryPost, box: Box): boolean {
  if (coordinates !== undefined) return holdsPoint(box, coordinates);
  return place !== undefined && overlaps(box, place.box);
}

function listOf(name: string, text: string | undefined, most: number): string[] {
  if (text === undefined || text.trim() === '') return [];
  const items = text.split(',', most + 1).map((item) => item.trim());
  if (items.length > most) throw new StatusFilterError(413, `Parameter ${name} has too many items specified`);
  return items;
}

function readPhrase(item: string, index: number): TrackPhrase {
  if (item === '') throw new StatusFilterError(406, `Parameter track item index ${index} too short: `);
  if (Buffer.byteLength(item) > MOST_PHRASE_BYTES) {
    throw new StatusFilterError(406, `Parameter track item index ${index} too long: ${item.slice(0, REPEATED)}`);
  }
  return trackPhrase(item);
}

function readAccount(item: string, index: number): string {
  if (!/^\d{1,20}$/.test(item))
    throw new StatusFilterError(406, `Parameter follow item index ${index} is not a user id`);
  return item.replace(/^0+(?=\d)/, '');
}

function readBoxes(items: readonly string[]): Box[] {
  const numbers = items.map((item) => (/^-?\d{1,3}(?:\.\d{1,30})?$/.test(item) ? Number(item) : Number.NaN));
  const boxes: Box[] = [];
  for (let index = 0; index < numbers.length; index += 4) {
    const [west = Number.NaN, south = Number.NaN, east = Number.NaN, north = Number.NaN] = numbers.slice(
      index,
      index + 4,
    );
    const isBox = west >= -180 && east <= 180 && south >= -90 && north <= 90 && west < east && south < north;
    if (!isBox) {
      const message = `Location track items must be given as pairs of comma separated lat/longs: [${items.join(', ')}]`;
      throw new StatusFilterError(406, message);
    }
    boxes.push([west, south, east, north]);
  }
  return boxes;
}
