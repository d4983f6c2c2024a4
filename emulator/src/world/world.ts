import { type Account, type AccountCounts, Accounts, ACCOUNTS } from './accounts.ts';
import { languageOf } from './languages.ts';
import { addressees, type Piece, writeBody } from './prose.ts';
import { Random } from './random.ts';
import { type PostTime, Schedule } from './schedule.ts';

/** A post that another one points at: enough to name it, wherever it stands. */
export interface PostReference extends PostTime {
  readonly author: number;
}

/** A post of the sample, free of any platform's shapes. */
export interface Post extends PostReference {
  readonly index: number;
  readonly kind: 'original' | 'reply' | 'repost' | 'quote';
  /** What it replies to, reposts or quotes; undefined for originals. */
  readonly about: PostReference | undefined;
  /** A reply may quote as well. */
  readonly alsoQuotes: PostReference | undefined;
  /** First post of its conversation (may be itself). */
  readonly thread: PostReference;
  readonly language: string;
  /** The body as typed; of a repost: the body of what it reposts. */
  readonly body: readonly Piece[];
  /** Name of the program it was written with. */
  readonly program: string;
}

const POSTS = 0x0b01;
const BODIES = 0x0b02;
const UNSEEN = 0x0b03;
const UNSEEN_BODIES = 0x0b04;
/** Posts outside the sample that reposts share: few, so that some are reposted very often. */
const UNSEEN_POSTS = 300_000;
const DAY_MS = 86_400_000;

/** The seeded truth. Post `index` is a pure function of (seed, start, density, index); nothing is kept in memory. */
export class World {
  readonly seed: number;
  readonly schedule: Schedule;
  readonly #accounts: Accounts;
  readonly #random: Random;
  readonly #inner: Random;

  /** @param startAt Unix ms; @param density posts per second of world time */
  constructor(options: { seed: number; startAt: number; density: number }) {
    this.seed = options.seed;
    this.schedule = new Schedule(options.startAt, options.density);
    const startAt = this.schedule.startSecond * 1000;
    this.#accounts = new Accounts(options.seed, startAt);
    this.#random = new Random(options.seed);
    this.#inner = new Random(options.seed);
  }

  post(index: number): Post {
    const outline = this.#outline(index);
    const random = this.#random.at(BODIES, index);
    const program = programOf(random.float());
    const language = random.chance(0.85) ? this.#accounts.languageOf(outline.author) : languageOf(random.float());
    const common = { ...outline, index, program };
    switch (outline.kind) {
      case 'repost': {
        const original = this.#unseenBody(outline.unseen);
        return { ...common, language: original.language, body: original.body };
      }
      case 'reply': {
        const front = addressees(random, outline.about?.author ?? outline.author);
        return { ...common, language: language.code, body: [...front, ...writeBody(random, language, 200)] };
      }
      default:
        return { ...common, language: language.code, body: writeBody(random, language, 240) };
    }
  }

  account(number: number): Account {
    return this.#accounts.account(number);
  }

  handleOf(account: number): string {
    return this.#accounts.handleOf(account);
  }

  countsAt(account: Account, at: number): AccountCounts {
    return this.#accounts.countsAt(account, at);
  }

  /** Everything but the words: cheap, so that a conversation can be followed back to its first post. */
  #outline(index: number): Omit<Post, 'index' | 'language' | 'body' | 'program'> & { unseen: number } {
    const { at, slot } = this.schedule.timeOf(index);
    const random = this.#random.at(POSTS, index);
    const author = authorOf(random);
    const self: PostReference = { at, slot, author };
    const kind = kindOf(random.float());
    const unseen = random.heavyTail(UNSEEN_POSTS);
    const distance = 1 + random.heavyTail(5000);
    const repliesInSample = random.chance(0.35);
    const threadIsKnown = random.chance(0.7);
    const quotesToo = random.chance(0.01);
    if (kind === 'original') return { ...self, kind, about: undefined, alsoQuotes: undefined, thread: self, unseen };
    if (kind !== 'reply')
      return { ...self, kind, about: this.#unseen(unseen), alsoQuotes: undefined, thread: self, unseen };
    const alsoQuotes = quotesToo ? this.#unseen(unseen) : undefined;
    if (repliesInSample && distance <= index) {
      const { kind: parentKind, thread, ...parent } = this.#outline(index - distance);
      // Nobody replies to a repost itself: the reply goes to what was reposted.
      const about = parentKind === 'repost' && parent.about !== undefined ? parent.about : reference(parent);
      return { ...self, kind, about, alsoQuotes, thread: parentKind === 'repost' ? about : thread, unseen };
    }
    const about = this.#recentUnseen(index, at, author);
    const thread = threadIsKnown ? about : { ...about, at: about.at - 90_000, slot: about.slot ^ 0x1555 };
    return { ...self, kind, about, alsoQuotes, thread, unseen };
  }

  /** One of the shared posts outside the sample; made in the six days before the world began. */
  #unseen(number: number): PostReference {
    const random = this.#inner.at(UNSEEN, number);
    const author = authorOf(random);
    const age = 1000 + Math.floor(random.float() ** 3 * 6 * DAY_MS);
    return { at: this.schedule.startSecond * 1000 - age, slot: (number * 4 + random.below(4)) & 0x3fffff, author };
  }

  #unseenBody(number: number): { language: string; body: Piece[] } {
    const random = this.#inner.at(UNSEEN_BODIES, number);
    const language = languageOf(random.float());
    return { language: language.code, body: writeBody(random, language, 250) };
  }

  /** A post outside the sample that only this reply is about: a second to a day older. */
  #recentUnseen(index: number, at: number, author: number): PostReference {
    const random = this.#inner.at(UNSEEN, -1 - index);
    const age = 1000 + Math.floor(random.float() ** 4 * DAY_MS);
    const other = random.chance(0.12) ? author : authorOf(random);
    return { at: at - age, slot: random.below(1 << 22), author: other };
  }
}

function reference({ at, slot, author }: PostReference): PostReference {
  return { at, slot, author };
}

/** Half of the posts come from anybody, half from few: the busiest hundred thousand write most of it. */
function authorOf(random: Random): number {
  const uniform = random.float();
  return random.chance(0.45) ? Math.floor(uniform * ACCOUNTS) : Math.floor(uniform ** 4 * ACCOUNTS);
}

function kindOf(uniform: number): Post['kind'] {
  if (uniform < 0.44) return 'repost';
  if (uniform < 0.66) return 'reply';
  return uniform < 0.72 ? 'quote' : 'original';
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
