import type { Accounts } from './accounts.ts';
import { type Language, LANGUAGES, languageOf } from './languages.ts';
import type { Media, Place, Poll, Post, PostKind, PostReference, PostTime } from './model.ts';
import { postId } from './ids.ts';
import type { NamedAccounts } from './named-accounts.ts';
import { PLACES } from './places.ts';
import { addressees, type Piece, WORDS_OF_ALL, writeBody } from './prose.ts';
import { mix, Random } from './random.ts';
import type { Relation } from './relations.ts';
import { WINDOW_MS, WINDOW_START_MS } from './schedule.ts';

const BODIES = 0x0b02;
const EXTRAS = 0x0b05;
const EDITIONS = 0x0b06;
const LONG_CHARS = 280;

export interface Outline {
  readonly number: number;
  readonly reference: PostReference;
  readonly relation: Relation;
  readonly about: PostReference | undefined;
  readonly alsoQuotes: PostReference | undefined;
  readonly thread: PostReference;
  /** All versions, oldest first; `edition` says which one this is. */
  readonly versions: readonly PostReference[];
  readonly edition: number;
}

/** A topic that people suddenly write about; instants in Unix ms, `share` 0 .. 1. */
export interface Burst {
  readonly from: number;
  readonly to: number;
  readonly tag: string;
  readonly share: number;
}

/** Writes posts: what an author says in a post of that number, the same whenever it is asked. */
export class Writer {
  readonly #accounts: Accounts;
  readonly #mentions: NamedAccounts;
  readonly #random: Random;

  readonly #bursts: Burst[] = [];

  constructor(seed: number, accounts: Accounts, mentions: NamedAccounts) {
    this.#random = new Random(seed);
    this.#accounts = accounts;
    this.#mentions = mentions;
  }

  /** From now on so many of the posts of that span speak of it. */
  addBurst(burst: Burst): void {
    this.#bursts.push(burst);
  }

  /** @param original the number of what a repost reposts is written instead of its own */
  write(outline: Outline, original: Outline | undefined): Post {
    const { reference, relation, about, alsoQuotes, thread, versions, edition } = outline;
    const words = this.#words(original ?? outline);
    const extras = this.#extras(original ?? outline, original === undefined);
    return {
      at: reference.at,
      slot: reference.slot,
      author: reference.author,
      id: postId(reference),
      kind: relation.kind,
      about,
      alsoQuotes,
      thread,
      language: words.language,
      body: edition === 0 ? words.body : correct(words.body, edition),
      long: words.long,
      program: words.program,
      versions,
      ...extras,
    };
  }

  #words({ number, reference, relation, about }: Outline): {
    language: string;
    body: Piece[];
    long: boolean;
    program: string;
  } {
    const { program, language, long, body } = this.#own(number, relation.kind, reference);
    const named = this.#mentions.namedIn(number, relation.kind, reference.at);
    if (relation.kind === 'reply') {
      const first = about?.author ?? reference.author;
      body.unshift(...addressees(first, ...(named === undefined || named === first ? [] : [named])));
    } else if (named !== undefined) body.push({ kind: 'text', text: ' ' }, { kind: 'mention', account: named });
    return { language: language.code, body, long, program };
  }

  /** What a post says without the accounts that it names. */
  #own(
    number: number,
    kind: PostKind,
    { at, author }: Pick<PostReference, 'at' | 'author'>,
  ): { program: string; language: Language; long: boolean; body: Piece[] } {
    const random = this.#random.at(BODIES, number);
    const program = programOf(random.float());
    const language = random.chance(0.85) ? this.#accounts.languageOf(author) : languageOf(random.float());
    // The accounts draw from a sequence of their own, so this one goes on.
    const long = language.words.length > 0 && random.chance(0.006);
    const room = long ? LONG_CHARS + 100 + random.below(1400) : kind === 'reply' ? 200 : 240;
    const body = writeBody(random, language, room);
    for (const { from, to, tag, share } of this.#bursts) {
      if (at < from || at >= to) continue;
      if ((mix(number ^ 0x6b43a9b5) >>> 0) / 0x1_0000_0000 < share)
        body.push({ kind: 'text', text: ' ' }, { kind: 'tag', tag });
    }
    return { program, language, long, body };
  }

  /** The language of a post that is no repost, without writing it: code. */
  languageOf(number: number, author: number): string {
    const random = this.#random.at(BODIES, number);
    random.float();
    return (random.chance(0.85) ? this.#accounts.languageOf(author) : languageOf(random.float())).code;
  }

  /** The body of a post that is no repost, without the accounts that it names. */
  ownWords(number: number, kind: PostKind, written: Pick<PostReference, 'at' | 'author'>): readonly Piece[] {
    return this.#own(number, kind, written).body;
  }

  /** All that bodies in a language are made of. */
  wordsIn(language: string): readonly string[] {
    const { words = [] } = LANGUAGES.find(({ code }) => code === language) ?? {};
    return [...words, ...WORDS_OF_ALL, ...EDIT_WORDS, ...this.#bursts.map(({ tag }) => tag)];
  }

  #extras(
    { number, reference, relation }: Outline,
    own: boolean,
  ): Pick<Post, 'media' | 'poll' | 'place' | 'coordinates' | 'sensitive' | 'audience'> {
    const random = this.#random.at(EXTRAS, number);
    const hasPoll = random.chance(0.008) && relation.kind === 'original';
    const media = random.chance(0.16) && !hasPoll ? mediaOf(random, reference, number) : NO_MEDIA;
    const place = random.chance(0.03) ? random.pick(PLACES) : undefined;
    const exact = random.chance(0.2);
    const [x, y] = [random.float(), random.float()];
    const sensitive = random.chance(0.02);
    const audience = audienceOf(random.float());
    return {
      media,
      poll: hasPoll ? pollOf(random, reference) : undefined,
      // A repost is made somewhere else, which nobody tells.
      place: own ? place : undefined,
      coordinates: own && exact && place !== undefined ? within(place, x, y) : undefined,
      sensitive,
      audience,
    };
  }

  /** How often a post will be edited; 0 for most. */
  editionsOf(number: number, at: number): number {
    if (!mayBeEdited(number)) return 0;
    const ms = (at + EDIT_ODD_MS) % 1000;
    // An edition inside the sample's window would belong to the sample.
    if (ms >= WINDOW_START_MS && ms < WINDOW_START_MS + WINDOW_MS) return 0;
    const random = this.#random.at(EDITIONS, number);
    return random.chance(0.4) ? 1 + random.below(EDIT_DELAYS_MS.length) : 0;
  }
}

/** Editions of a post come so much later. */
export const EDIT_DELAYS_MS: readonly number[] = [31_400, 121_400, 300_400];
const EDIT_ODD_MS = 400;
export const LONGEST_EDIT_MS = 300_400;
/** Tells the ids of later editions from all others. */
export const EDITION_BIT = 0x800;

const EDITED_EVERY = 64;
const EDITED_REST = 20;

/** Only these numbers are worth asking for edits. On the grid, so none is a repost. */
export function mayBeEdited(number: number): boolean {
  return modulo(number, EDITED_EVERY) === EDITED_REST;
}

/** The last number at or below that may be edited. */
export function lastEditable(number: number): number {
  return number - modulo(number - EDITED_REST, EDITED_EVERY);
}

export const EDITABLE_STEP = EDITED_EVERY;

/** The time of edition `nth` (from 1). */
export function editionTime(base: PostTime, nth: number): PostTime {
  return { at: base.at + (EDIT_DELAYS_MS[nth - 1] ?? 0), slot: base.slot | EDITION_BIT };
}

const NO_MEDIA: readonly Media[] = [];

/** What `correct` adds. */
const EDIT_WORDS: readonly string[] = ['edit', 'typo'];

function correct(body: readonly Piece[], edition: number): Piece[] {
  return [...body, { kind: 'text', text: edition === 1 ? ' (edit: typo)' : ` (edit ${edition})` }];
}

function mediaOf(random: Random, { at, slot }: PostReference, number: number): Media[] {
  const uniform = random.float();
  const kind = uniform < 0.75 ? 'photo' : uniform < 0.92 ? 'video' : 'animation';
  const count = kind === 'photo' ? 1 + random.heavyTail(4) : 1;
  return Array.from({ length: count }, (_, n) => ({
    kind,
    id: postId({ at: at - 5000 + n, slot: (slot ^ mix(number)) & 0x3fffff }),
    width: random.pick([1080, 1200, 1920, 720]),
    height: random.pick([1080, 675, 1440, 1280]),
    alternativeText: random.chance(0.15) ? 'A bird, "quoted" & described' : undefined,
    durationMs: kind === 'video' ? 4000 + random.below(136_000) : undefined,
  }));
}

function pollOf(random: Random, { at, slot }: PostReference): Poll {
  const choices = random.pick(POLL_OPTIONS);
  const durationMinutes = random.pick([60, 1440, 4320, 10_080]);
  return {
    id: postId({ at: at - 900, slot }),
    options: choices,
    durationMinutes,
    closesAt: at + durationMinutes * 60_000,
  };
}

const POLL_OPTIONS: readonly (readonly string[])[] = [
  ['Yes', 'No'],
  ['Owls', 'Finches', 'Rails'],
  ['はい', 'いいえ'],
  ['North', 'East', 'South', 'West'],
  ['نعم', 'لا'],
];

function within({ box }: Place, x: number, y: number) {
  const [west, south, east, north] = box;
  const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
  return { longitude: round(west + x * (east - west)), latitude: round(south + y * (north - south)) };
}

function audienceOf(uniform: number): Post['audience'] {
  if (uniform < 0.95) return 'everyone';
  return uniform < 0.98 ? 'following' : 'mentioned';
}

const PROGRAMS: readonly (readonly [string, number])[] = [
  ['Twitter for Android', 0.37],
  ['Twitter for iPhone', 0.34],
  ['Twitter Web App', 0.17],
  ['Twitter for iPad', 0.03],
  ['TweetDeck', 0.02],
  ['IFTTT', 0.015],
  ['twittbot.net', 0.015],
  ['Instagram', 0.01],
  ['dlvr.it', 0.01],
  ['SocialDog for Twitter', 0.01],
  ['My "quoted", app', 0.01],
];

function programOf(uniform: number): string {
  let left = uniform;
  for (const [name, share] of PROGRAMS) {
    left -= share;
    if (left < 0) return name;
  }
  return 'Twitter Web App';
}

function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest < 0 ? rest + b : rest;
}
