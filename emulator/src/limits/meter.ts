import type { App } from '../credentials/app.ts';
import type { Access } from './access.ts';
import type { Charge } from './prices.ts';
import { DAY_MS } from './rate.ts';

/** Why an app gets nothing more. */
export type Exhaustion = 'credits' | 'monthly-posts';

/** How an app's money stands. */
export interface Balance {
  /** Micro-dollars left, perhaps a little below 0; undefined where nothing is charged. */
  readonly credits: number | undefined;
  /** Posts read this month. */
  readonly posts: number;
}

interface Book {
  credits: number;
  month: string;
  monthPosts: number;
  /** Posts by UTC day, Unix ms of its beginning. */
  readonly daily: Map<number, number>;
  chargedDay: number;
  /** What was paid for on that day: it is not paid for again. */
  charged: Set<string>;
}

/** How long days are kept: `GET /2/usage/tweets` looks back 90. */
const KEPT_DAYS = 92;

/** Each app's credits and posts read. Days and months are UTC, of the virtual clock. */
export class Meter {
  readonly #access: Access;
  readonly #now: () => number;
  readonly #books = new Map<string, Book>();

  constructor(access: Access, now: () => number) {
    this.#access = access;
    this.#now = now;
  }

  /** Whether the app has used up what it had; `charge` is what it asks for now. */
  exhausted(app: App, charge: Charge | undefined): Exhaustion | undefined {
    const { credits, monthlyPosts } = this.#access.settings;
    const book = this.#book(app);
    if (credits !== undefined && book.credits <= 0) return 'credits';
    return charge === 'post' && book.monthPosts >= monthlyPosts ? 'monthly-posts' : undefined;
  }

  /** Charges objects that were handed out, those paid for today left out. */
  charge(app: App, charge: Charge, ids: readonly string[], price: number): void {
    const { credits, monthlyPosts } = this.#access.settings;
    const book = this.#book(app);
    let fresh = ids.length;
    if (credits !== undefined || Number.isFinite(monthlyPosts)) {
      fresh = 0;
      for (const id of ids) {
        const name = `${charge} ${id}`;
        if (book.charged.has(name)) continue;
        book.charged.add(name);
        fresh++;
      }
    }
    this.#add(book, charge === 'post' ? fresh : 0, fresh * price);
  }

  /** Charges something that isn't an object: a request. */
  chargeRequest(app: App, price: number): void {
    this.#add(this.#book(app), 0, price);
  }

  /**
   * Charges posts that a stream delivered; they are counted as often as they are delivered.
   * Returns false when the app has used up what it had and its streams are to end.
   */
  delivered(app: App, posts: number): boolean {
    const { prices, credits, monthlyPosts } = this.#access.settings;
    const book = this.#book(app);
    this.#add(book, posts, posts * prices.post);
    return (credits === undefined || book.credits > 0) && book.monthPosts < monthlyPosts;
  }

  balance(app: App): Balance {
    const book = this.#book(app);
    return { credits: this.#access.settings.credits === undefined ? undefined : book.credits, posts: book.monthPosts };
  }

  /** Sets an app's credits (micro-dollars). */
  refill(app: App, credits: number): void {
    this.#book(app).credits = credits;
  }

  /** Forgets what all apps have used. */
  clear(): void {
    this.#books.clear();
  }

  /** Posts read on each of the last days, oldest first, today last; days without any left out. */
  usage(app: App, days: number): { readonly day: number; readonly posts: number }[] {
    const today = dayOf(this.#now());
    return [...this.#book(app).daily]
      .filter(([day]) => day > today - days * DAY_MS)
      .map(([day, posts]) => ({ day, posts }));
  }

  #add(book: Book, posts: number, micros: number): void {
    if (this.#access.settings.credits !== undefined) book.credits -= micros;
    if (posts === 0) return;
    book.monthPosts += posts;
    const today = dayOf(this.#now());
    book.daily.set(today, (book.daily.get(today) ?? 0) + posts);
  }

  #book(app: App): Book {
    const now = this.#now();
    const today = dayOf(now);
    let book = this.#books.get(app.id);
    if (book === undefined) {
      const credits = this.#access.settings.credits ?? 0;
      book = { credits, month: monthOf(now), monthPosts: 0, daily: new Map(), chargedDay: today, charged: new Set() };
      this.#books.set(app.id, book);
    }
    if (book.chargedDay !== today) {
      const month = monthOf(now);
      if (book.month !== month) book.monthPosts = 0;
      book.month = month;
      book.chargedDay = today;
      book.charged = new Set();
      for (const day of book.daily.keys()) if (day < today - KEPT_DAYS * DAY_MS) book.daily.delete(day);
    }
    return book;
  }
}

/** `2026-11`, UTC. */
function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 'YYYY-MM'.length);
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}
