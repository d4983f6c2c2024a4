/** Frames to rows: one batch is what one transaction will write. No database here. */
import { isUtf8 } from 'node:buffer';
import type { Frame } from '../../capture/segment/format.ts';
import type { Account, Decoded, Post, Reference } from '../../core/post.ts';
import { snowflakeToMs } from '../../core/snowflake.ts';
import { decodeLine, decodeValue } from '../../platforms/x/decode.ts';
import type { AttributedTo } from '../filters/stream-attribution.ts';
import { withdrawalOf } from '../../platforms/x/withdrawal-notice.ts';
import type { NotedWithdrawal } from '../withdrawals/note-withdrawals.ts';
import { BinaryRows } from './binary-copy.ts';
import type { SeenAccounts, Sight } from './seen-accounts.ts';
import { keepableInstant, keepableText } from './keepable-text.ts';
import { LimitNotices } from './limit-notices.ts';

export type Quarantined = { offset: number; reason: string; capturedAtMs: number; frames: number };

export const OBSERVATION_COLUMNS = [
  ...['collection_id', 'captured_at', 'segment_id', 'content_offset', 'platform', 'post_id', 'id_at'],
  ...['reposts', 'replies', 'likes', 'quotes', 'bookmarks', 'impressions'],
];
/** Of shared streams: by which of a collection's seeds each post was found. */
export const MATCH_COLUMNS = [...OBSERVATION_COLUMNS, 'matched'];
export const POST_COLUMNS = [
  ...['platform', 'post_id', 'id_at', 'account_id', 'conversation_id', 'posted_at', 'text', 'lang', 'source'],
  ...['post_references', 'altered', 'payload', 'captured_at', 'segment_id', 'content_offset'],
];
export const ACCOUNT_COLUMNS = [
  ...['platform', 'account_id', 'handle', 'name', 'created_at', 'location', 'description', 'verified', 'protected'],
  ...['followers', 'following', 'posts', 'listed', 'altered', 'first_seen_at', 'seen_at'],
];

/** Rows of a table that somebody else made of a post: any real payload is better. */
const POOR_ENDPOINT = 'import/sfm-csv';

/** Tells whose a frame of a shared stream is. */
export type FrameOwners = { rowsOf(line: unknown, capturedAtMs: number): AttributedTo[] };

/** The instant in an id as posts are partitioned by it; -Infinity for ids without one. */
function idAtMs(postId: string): number {
  return snowflakeToMs(postId) ?? Number.NEGATIVE_INFINITY;
}

export class Batch {
  readonly observations = new BinaryRows();
  readonly posts = new BinaryRows();
  readonly quarantined: Quarantined[] = [];
  /** What notices among the control lines took back. */
  readonly withdrawals: NotedWithdrawal[] = [];
  /** What they say was held back. */
  readonly limits = new LimitNotices();
  /** Months of ids and days of capture that rows need partitions for, as `2026_11` and `2026_11_22`. */
  readonly months = new Set<string>();
  readonly days = new Set<string>();
  /** Whether a post occurs twice among `posts`: then they must be merged. */
  repeatsItself = false;
  control = 0;
  /** When the first and the last observation were captured; infinite while there is none. */
  firstCapturedMs = Number.POSITIVE_INFINITY;
  lastCapturedMs = Number.NEGATIVE_INFINITY;
  frames = 0;
  /** Content from `start` to `end` is in this batch. */
  readonly start: number;
  end: number;
  /** Posts of a shared stream by whose they are. */
  readonly byCollection = new Map<number, number>();
  readonly #collectionIds: number[];
  readonly #owners: FrameOwners | undefined;
  readonly #segmentId: number;
  readonly #firstMs = new Map<string, number>();
  /** Posts of which a meeting without its payload was handed on. */
  readonly #poor = new Set<string>();
  readonly #sights = new Map<string, Sight>();
  readonly #postKeys: string[] = [];
  readonly #postStarts: number[] = [];

  constructor(source: { segmentId: number; collectionIds: number[]; owners?: FrameOwners; start: number }) {
    this.#segmentId = source.segmentId;
    this.#collectionIds = source.collectionIds;
    this.#owners = source.owners;
    this.start = source.start;
    this.end = source.start;
  }

  get loaded(): number {
    return this.frames - this.control - this.quarantined.length;
  }

  /** Of the rows in `observations`. */
  get observationColumns(): string[] {
    return this.#owners === undefined ? OBSERVATION_COLUMNS : MATCH_COLUMNS;
  }

  get bytes(): number {
    return this.posts.bytes + this.observations.bytes;
  }

  /**
   * Adds one frame; its payload is copied. Bytes that are not UTF-8 are decoded with U+FFFD in place of the broken ones, and
   * the row says `payload` in `altered`: the post can be found, and its very bytes are in the segment.
   */
  add(frame: Frame): void {
    const capturedAtMs = instantOf(frame);
    const text = frame.payload.toString('utf8');
    const line = this.#owners === undefined ? undefined : parsed(text);
    const decoded = line === undefined ? decode(frame, text) : decodeParsed(frame, line);
    this.frames++;
    this.end = frame.end;
    if (decoded.kind === 'control') this.#addControl(text, { session: frame.session, capturedAtMs });
    else if (decoded.kind === 'malformed') this.#quarantine(frame, decoded.reason, capturedAtMs);
    else if (Number.isNaN(capturedAtMs)) this.#quarantine(frame, 'the frame has no instant', 0);
    else this.#addPost(frame, decoded.post, capturedAtMs, line);
  }

  /** Adds a frame that PostgreSQL refused: it is counted and pointed at, nothing else. */
  addRefused(frame: Frame, reason: string): void {
    this.frames++;
    this.end = frame.end;
    this.#quarantine(frame, reason, instantOf(frame));
  }

  /** To be called once all frames are in: rows in the order of their keys touch indexes in order, and locks too. */
  close(): void {
    this.posts.sort(this.#postKeys, this.#postStarts);
  }

  /** Hands the buffers on to other batches; nothing of this one may be used afterwards. */
  release(): void {
    this.posts.release();
    this.observations.release();
  }

  /** The accounts met that are news, each once. */
  freshSights(seen: SeenAccounts): Sight[] {
    return [...this.#sights.values()].filter((sight) => !seen.isKnown(sight));
  }

  #addControl(text: string, met: { session: string; capturedAtMs: number }): void {
    const { capturedAtMs } = met;
    this.control++;
    this.limits.add(text, met);
    const withdrawal = withdrawalOf(text);
    if (withdrawal !== undefined && !Number.isNaN(capturedAtMs))
      this.withdrawals.push({ withdrawal, source: 'stream', atMs: capturedAtMs });
  }

  #quarantine(frame: Frame, reason: string, capturedAtMs: number): void {
    const at = Number.isNaN(capturedAtMs) ? 0 : capturedAtMs;
    this.quarantined.push({
      offset: frame.offset,
      reason: reason.replaceAll('\u0000', '\uFFFD').slice(0, 500),
      capturedAtMs: at,
      frames: 1,
    });
  }

  #addPost(frame: Frame, post: Post, capturedAtMs: number, line: object | undefined): void {
    const owners = line === undefined ? undefined : (this.#owners?.rowsOf(line, capturedAtMs) ?? []);
    if (owners?.length === 0) return; // nobody asked for it when it came, or does not want rows: it stays in its segment
    const idAt = idAtMs(post.postId);
    this.days.add(dayOf(capturedAtMs));
    this.firstCapturedMs = Math.min(this.firstCapturedMs, capturedAtMs);
    this.lastCapturedMs = Math.max(this.lastCapturedMs, capturedAtMs);
    if (idAt !== Number.NEGATIVE_INFINITY) this.months.add(monthOf(idAt));
    if (owners === undefined)
      for (const collectionId of this.#collectionIds)
        this.#writeObservation(collectionId, frame, post, idAt, capturedAtMs);
    for (const { collectionId, matched } of owners ?? []) {
      this.#writeObservation(collectionId, frame, post, idAt, capturedAtMs, matched);
      this.byCollection.set(collectionId, (this.byCollection.get(collectionId) ?? 0) + 1);
    }
    const firstMs = this.#firstMs.get(post.postId);
    if (firstMs === undefined || capturedAtMs < firstMs || this.#poor.has(post.postId)) {
      // The first meeting is kept. One with an earlier clock is handed on too, as is one behind a poor one: the merge decides between them.
      if (frame.endpoint === POOR_ENDPOINT) this.#poor.add(post.postId);
      if (firstMs !== undefined) this.repeatsItself = true;
      this.#firstMs.set(post.postId, capturedAtMs);
      this.#writePost(frame, post, idAt, capturedAtMs);
    }
    if (post.account !== undefined) this.#see(post.platform, post.account, capturedAtMs);
  }

  #writeObservation(
    collectionId: number,
    frame: Frame,
    post: Post,
    idAt: number,
    capturedAtMs: number,
    matched?: readonly number[],
  ): void {
    const rows = this.observations;
    rows.row(matched === undefined ? OBSERVATION_COLUMNS.length : MATCH_COLUMNS.length);
    rows.int4(collectionId);
    rows.instant(capturedAtMs);
    rows.int8(this.#segmentId);
    rows.int8(frame.offset);
    rows.text(post.platform);
    rows.text(post.postId);
    rows.instant(idAt);
    const { reposts, replies, likes, quotes, bookmarks, impressions } = post.counts ?? {};
    for (const count of [reposts, replies, likes, quotes, bookmarks, impressions]) rows.int8(count);
    if (matched !== undefined) rows.int4s(matched);
  }

  #writePost(frame: Frame, post: Post, idAt: number, capturedAtMs: number): void {
    const altered: string[] = [];
    const rows = this.posts;
    this.#postStarts.push(rows.row(POST_COLUMNS.length));
    this.#postKeys.push(post.postId);
    rows.text(post.platform);
    rows.text(post.postId);
    rows.instant(idAt);
    rows.text(post.accountId);
    rows.text(keepableText(post.conversationId, 'conversation_id', altered));
    rows.instant(keepableInstant(post.postedAt, 'posted_at', altered));
    rows.text(keepableText(post.text, 'text', altered));
    rows.text(keepableText(post.lang, 'lang', altered));
    rows.text(keepableText(post.source, 'source', altered));
    rows.jsonb(post.references.length === 0 ? undefined : keepableReferences(post, altered));
    const utf8 = isUtf8(frame.payload);
    if (!utf8) altered.push('payload');
    rows.texts(altered);
    rows.utf8(utf8 ? frame.payload : Buffer.from(frame.payload.toString('utf8')));
    rows.instant(capturedAtMs);
    rows.int8(this.#segmentId);
    rows.int8(frame.offset);
  }

  #see(platform: string, account: Account, capturedAtMs: number): void {
    const seen = this.#sights.get(account.accountId);
    if (seen === undefined) {
      this.#sights.set(account.accountId, { platform, account, firstSeenMs: capturedAtMs, seenMs: capturedAtMs });
    } else if (capturedAtMs >= seen.seenMs) {
      // A payload need not send every field: what it leaves out stays as the sight before it said.
      seen.account = { ...seen.account, ...account };
      seen.seenMs = capturedAtMs;
    } else seen.firstSeenMs = Math.min(seen.firstSeenMs, capturedAtMs);
  }
}

/** Undefined for what is no object: `decode` says then what is wrong with it. */
function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // malformed: it will be quarantined with the reason
  }
}

function decodeParsed(frame: Frame, line: object): Decoded {
  return frame.platform === 'x' ? decodeValue(line) : decode(frame, '');
}

function decode(frame: Frame, text: string): Decoded {
  if (frame.platform !== 'x') return { kind: 'malformed', reason: `platform ${frame.platform} is not known` };
  return decodeLine(text);
}

function keepableReferences(post: Post, altered: string[]): Reference[] {
  const before = altered.length;
  const kept = post.references.map(({ type, postId, ...author }) => ({
    type: keepableText(type, 'post_references', altered) ?? '',
    postId: keepableText(postId, 'post_references', altered) ?? '',
    ...author,
  }));
  altered.splice(before + 1); // named once, however many were changed
  return kept;
}

/** Accounts as rows, in the order of their keys. */
export function accountRows(sights: Sight[]): BinaryRows {
  const rows = new BinaryRows();
  const starts: number[] = [];
  for (const sight of sights) {
    starts.push(rows.bytes);
    writeAccount(rows, sight);
  }
  const keys = sights.map(({ account }) => account.accountId);
  rows.sort(keys, starts);
  return rows;
}

function writeAccount(rows: BinaryRows, { platform, account, firstSeenMs, seenMs }: Sight): void {
  const altered: string[] = [];
  rows.row(ACCOUNT_COLUMNS.length);
  rows.text(platform);
  rows.text(account.accountId);
  rows.text(keepableText(account.handle, 'handle', altered));
  rows.text(keepableText(account.name, 'name', altered));
  rows.instant(keepableInstant(account.createdAt, 'created_at', altered));
  rows.text(keepableText(account.location, 'location', altered));
  rows.text(keepableText(account.description, 'description', altered));
  rows.bool(account.verified);
  rows.bool(account.protected);
  for (const count of [account.followers, account.following, account.posts, account.listed]) rows.int8(count);
  rows.texts(altered);
  rows.instant(firstSeenMs);
  rows.instant(seenMs);
}

/** All frames of one read share their header's instant, so the last one is remembered. */
let lastAt = '';
let lastMs = Number.NaN;

function instantOf(frame: Frame): number {
  if (frame.at !== lastAt) {
    lastAt = frame.at;
    lastMs = Date.parse(frame.at);
  }
  return lastMs;
}

let lastDayMs = Number.NaN;
let lastDay = '';

function dayOf(ms: number): string {
  if (ms !== lastDayMs) {
    lastDayMs = ms;
    lastDay = new Date(ms).toISOString().slice(0, 10).replaceAll('-', '_');
  }
  return lastDay;
}

let monthStartMs = Number.NaN;
let monthEndMs = Number.NaN;
let lastMonth = '';

function monthOf(ms: number): string {
  if (!(ms >= monthStartMs && ms < monthEndMs)) {
    const date = new Date(ms);
    monthStartMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
    monthEndMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
    lastMonth = date.toISOString().slice(0, 7).replace('-', '_');
  }
  return lastMonth;
}
