import { CITIES, EMOJI, languageOf, LANGUAGES, type Language } from './languages.ts';
import { FIRST_POST_AT, postId, postTime } from './ids.ts';
import type { Account } from './model.ts';
import { Random } from './random.ts';

/** How many accounts there are unless said otherwise. */
export const ACCOUNTS = 1 << 22;
export const MOST_ACCOUNTS = 5_000_000;
export const FEWEST_ACCOUNTS = 1000;
const HANDLES = 10_000_000;
const HANDLE_STEP = 7_368_787;
/** Undoes HANDLE_STEP modulo HANDLES. */
const HANDLE_STEP_BACK = inverse(HANDLE_STEP, HANDLES);
const SERIAL_FACTOR = 0x2c9277b5;
const YOUNG_SLOTS = 1 << 22;
const STREAM = 0x0acc;

const FIRST_ACCOUNT_AT = Date.UTC(2006, 6, 15);
const TIMED_IDS_SINCE = Date.UTC(2015, 11, 1);
const DAY_MS = 86_400_000;
const LAST_SERIAL = 4_600_000_000;

/** Accounts as pure functions of (seed, number): stable for ever, nothing is kept. */
export class Accounts {
  readonly #random: Random;
  readonly #offset: number;
  readonly #startAt: number;
  /** When accounts began to get ids with the time in them; earlier in a world that begins before that. */
  readonly #timedSince: number;

  readonly size: number;
  /** A power of two, so that a multiplication by an odd number permutes it. */
  readonly #space: number;
  readonly #serialRoom: number;

  /** @param startAt Unix ms; every account was made at least a day before */
  constructor(seed: number, startAt: number, size: number = ACCOUNTS) {
    this.size = size;
    this.#space = size <= YOUNG_SLOTS ? YOUNG_SLOTS : 2 * YOUNG_SLOTS;
    this.#serialRoom = size <= YOUNG_SLOTS ? 1096 : 548;
    this.#random = new Random(seed);
    this.#offset = this.#random.at(STREAM, 0).below(HANDLES);
    this.#startAt = startAt;
    this.#timedSince = Math.min(TIMED_IDS_SINCE, startAt - 30 * DAY_MS);
  }

  account(number: number): Account {
    const { createdAt, serial, language, random } = this.#origin(number);
    const name = displayName(random, language);
    const place = random.chance(0.45) ? random.pick(CITIES) : undefined;
    const verified = random.chance(0.01);
    const first = number % 20;
    return {
      number,
      id: serial === undefined ? postId({ at: createdAt, slot: number % YOUNG_SLOTS }) : String(serial),
      createdAt,
      handle: this.handleOf(number),
      displayName: name,
      description: random.chance(0.15) ? '' : `${name}\n${language.words.slice(first, first + 8).join(' ')}`,
      place,
      link: random.chance(0.2) ? `https://${this.handleOf(number).toLowerCase()}.example/` : undefined,
      verified,
      language: language.code,
    };
  }

  #origin(number: number): { createdAt: number; serial: number | undefined; language: Language; random: Random } {
    const random = this.#random.at(STREAM, number + 1);
    const language = languageOf(random.float());
    // Old accounts bear serial numbers; spread by an odd factor so that busy accounts are not all ancient.
    const old = random.chance(0.45);
    const step = Math.imul(number, SERIAL_FACTOR) & (this.#space - 1);
    const serial = old ? 12 + step * this.#serialRoom + random.below(this.#serialRoom - 96) : undefined;
    if (serial !== undefined) {
      const share = Math.sqrt(serial / LAST_SERIAL);
      return {
        createdAt: FIRST_ACCOUNT_AT + Math.floor(share * (this.#timedSince - FIRST_ACCOUNT_AT)),
        serial,
        language,
        random,
      };
    }
    const span = this.#startAt - DAY_MS - this.#timedSince;
    const at = this.#timedSince + Math.floor(random.float() * span);
    // Beyond the slots of an id, even and odd milliseconds tell two accounts of one slot apart.
    const createdAt = this.size <= YOUNG_SLOTS ? at : at - (at % 2) + (number < YOUNG_SLOTS ? 0 : 1);
    return { createdAt, serial, language, random };
  }

  /** Number of the account with that id, or undefined. */
  byId(id: string): number | undefined {
    const candidates: number[] = [];
    if (/^\d{1,12}$/.test(id)) {
      const step = Math.floor((Number(id) - 12) / this.#serialRoom);
      candidates.push(Math.imul(step, SERIAL_FACTOR_BACK) & (this.#space - 1));
    } else {
      const slot = postTime(id)?.slot ?? -1;
      candidates.push(slot, slot + YOUNG_SLOTS);
    }
    return candidates.find((number) => number >= 0 && number < this.size && this.account(number).id === id);
  }

  /** Number of the account whose handles end in these seven digits, or undefined. */
  byDigits(digits: string): number | undefined {
    const step = (Number(digits) - this.#offset + HANDLES) % HANDLES;
    const number = Number((BigInt(step) * BigInt(HANDLE_STEP_BACK)) % BigInt(HANDLES));
    return number < this.size ? number : undefined;
  }

  /** When it was made; cheaper than the whole account. */
  createdAt(number: number): number {
    return this.#origin(number).createdAt;
  }

  /** Since when it writes: whoever is older than the ids of posts began with them. */
  writesSince(number: number): number {
    return Math.max(this.createdAt(number), FIRST_POST_AT);
  }

  /** What the account mostly writes in; cheaper than the whole account. */
  languageOf(number: number): Language {
    return languageOf(this.#random.at(STREAM, number + 1).float());
  }

  /** 4 to 15 letters, digits and underscores; no two accounts share one. */
  handleOf(number: number): string {
    // HANDLE_STEP has no factor in common with HANDLES, so that the digits alone already tell accounts apart.
    const digits = (number * HANDLE_STEP + this.#offset) % HANDLES;
    const word = HANDLE_WORDS[number % HANDLE_WORDS.length] ?? 'bird';
    return word + String(digits).padStart(7, '0');
  }
}

/** Undoes SERIAL_FACTOR modulo 2^32, by Newton's steps. */
const SERIAL_FACTOR_BACK = oddInverse(SERIAL_FACTOR);

function oddInverse(odd: number): number {
  let x = odd;
  for (let step = 0; step < 5; step++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}

function inverse(a: number, n: number): number {
  let [r, nextR, t, nextT] = [n, a % n, 0, 1];
  while (nextR !== 0) {
    const q = Math.floor(r / nextR);
    [r, nextR, t, nextT] = [nextR, r - q * nextR, nextT, t - q * nextT];
  }
  return ((t % n) + n) % n;
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
