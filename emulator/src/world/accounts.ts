import { Random } from './random.ts';
import { CITIES, EMOJI, languageOf, LANGUAGES, type Language } from './languages.ts';

/** How many accounts write in the world. A power of two, so that a multiplication by an odd number permutes them. */
export const ACCOUNTS = 1 << 22;
const HANDLES = 10_000_000;
const STREAM = 0x0acc;

const FIRST_ACCOUNT_AT = Date.UTC(2006, 6, 15);
const TIMED_IDS_SINCE = Date.UTC(2015, 11, 1);
const DAY_MS = 86_400_000;
const LAST_SERIAL = 4_600_000_000;

/** An account as it stands, without anything that moves. `number` is 0 .. ACCOUNTS-1; the low ones write most. */
export interface Account {
  readonly number: number;
  readonly createdAt: number;
  /** Serial number of an old account (before ids carried time), undefined for the younger ones. */
  readonly serial: number | undefined;
  readonly handle: string;
  readonly displayName: string;
  readonly place: string | undefined;
  readonly verified: boolean;
  readonly language: Language;
  readonly followers: number;
  readonly following: number;
  readonly posts: number;
}

/** What moves about an account, at one instant. */
export interface AccountCounts {
  readonly followers: number;
  readonly following: number;
  readonly posts: number;
  readonly listed: number;
  readonly likes: number;
}

/** Accounts as pure functions of (seed, number): stable for ever, nothing is kept. */
export class Accounts {
  readonly #random: Random;
  readonly #offset: number;
  readonly #startAt: number;
  /** When accounts began to get ids with the time in them; earlier in a world that begins before that. */
  readonly #timedSince: number;

  /** @param startAt Unix ms before which every account was made */
  constructor(seed: number, startAt: number) {
    this.#random = new Random(seed);
    this.#offset = this.#random.at(STREAM, 0).below(HANDLES);
    this.#startAt = startAt;
    this.#timedSince = Math.min(TIMED_IDS_SINCE, startAt - 30 * DAY_MS);
  }

  account(number: number): Account {
    const random = this.#random.at(STREAM, number + 1);
    const language = languageOf(random.float());
    // Old accounts bear serial numbers; spread by an odd factor so that busy accounts are not all ancient.
    const old = random.chance(0.45);
    const serial = old ? 12 + (Math.imul(number, 0x2c9277b5) & (ACCOUNTS - 1)) * 1096 + random.below(1000) : undefined;
    const createdAt =
      serial === undefined
        ? this.#timedSince + Math.floor(random.float() * (this.#startAt - DAY_MS - this.#timedSince))
        : FIRST_ACCOUNT_AT + Math.floor(Math.sqrt(serial / LAST_SERIAL) * (this.#timedSince - FIRST_ACCOUNT_AT));
    return {
      number,
      createdAt,
      serial,
      handle: this.handleOf(number),
      displayName: displayName(random, language),
      place: random.chance(0.45) ? random.pick(CITIES) : undefined,
      verified: random.chance(0.01),
      language,
      followers: Math.floor(Math.exp(random.float() ** 2 * 13)),
      following: Math.floor(Math.exp(random.float() * 7.5)),
      posts: Math.floor(Math.exp(random.float() * 11.5)) + (number < 100_000 ? 2000 : 0),
    };
  }

  /** What the account mostly writes in; cheaper than the whole account. */
  languageOf(number: number): Language {
    return languageOf(this.#random.at(STREAM, number + 1).float());
  }

  /** The account's counts at an instant (Unix ms): they only grow, and faster for accounts that have more. */
  countsAt(account: Account, at: number): AccountCounts {
    const hours = Math.max(0, at - this.#startAt) / 3_600_000;
    const followers = account.followers + Math.floor(hours * (1 + account.followers / 5000));
    return {
      followers,
      following: account.following + Math.floor(hours / 7),
      posts: account.posts + Math.floor(hours * (1 + account.posts / 1000) * 10),
      listed: Math.floor(followers / (60 + (account.number % 200))),
      likes: account.posts * (1 + (account.number % 7)) + Math.floor(hours * 3),
    };
  }

  /** 4 to 15 letters, digits and underscores; no two accounts share one. */
  handleOf(number: number): string {
    // 7368787 has no factor in common with HANDLES, so that the digits alone already tell accounts apart.
    const digits = (number * 7_368_787 + this.#offset) % HANDLES;
    const word = HANDLE_WORDS[number % HANDLE_WORDS.length] ?? 'bird';
    return word + String(digits).padStart(7, '0');
  }
}

const HANDLE_WORDS =
  'lena maria joao _yuki kenta Sofia_ ahmed nour minji jisoo ploy nong Deniz elif rafa lucas emma hugo dewi budi olga ivan priya aarav mia noah wren finch jay_ heron owl rail snipe teal'.split(
    ' ',
  );

function displayName(random: Random, language: Language): string {
  const word = () => random.pick(language.words.length > 0 ? language.words : LANGUAGES[0].words);
  const first = word();
  const name = first.charAt(0).toUpperCase() + first.slice(1);
  const style = random.float();
  if (style < 0.55) return `${name} ${word()}`;
  if (style < 0.75) return `${name} ${random.pick(EMOJI)}`;
  if (style < 0.95) return name;
  return style < 0.98 ? `"${name}", ${word()} & ${word()}` : `${name} | ${word()} 24/7`;
}
