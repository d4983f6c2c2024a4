import { Permutation } from './permutation.ts';

const MOST_TIERS = 12;

/**
 * Who writes which post. Time goes in rounds of `perRound` posts. Accounts stand in tiers: those of tier t write once in
 * 2^t rounds, each tier but the first has twice as many accounts as the one before, so that few write most (the number of
 * posts falls with the rank as in Zipf's law). Both directions are arithmetic: post to author, and author to posts.
 */
export class Activity {
  readonly perRound: number;
  readonly #tiers: readonly Tier[];
  /** Number of the tier of each place in a round, before shuffling. */
  readonly #tierOfPlace: Uint8Array;
  readonly #order: Permutation;
  readonly #writers: number;

  /** @param writers accounts 0 .. writers-1 write; the low ones most. At least 16. */
  constructor(writers: number, key: number) {
    this.#writers = writers;
    const last = Math.max(1, Math.min(MOST_TIERS, Math.floor(Math.log2(writers)) - 3));
    const tiers: Tier[] = [];
    let start = 0;
    let position = 0;
    for (let t = 0; t <= last; t++) {
      const end = Math.floor(writers / 2 ** (last - t));
      const period = 2 ** t;
      const places = Math.ceil((end - start) / period);
      tiers.push({ start, size: end - start, period, places, position });
      start = end;
      position += places;
    }
    this.#tiers = tiers;
    this.perRound = position;
    this.#order = new Permutation(position, key);
    this.#tierOfPlace = new Uint8Array(position);
    for (const [t, tier] of tiers.entries()) this.#tierOfPlace.fill(t, tier.position);
  }

  authorOf(post: number): number {
    const round = Math.floor(post / this.perRound);
    const place = this.#order.indexOf(post - round * this.perRound, round | 0);
    const tier = this.#tierAt(place);
    const seat = (place - tier.position) * tier.period + modulo(round, tier.period);
    return tier.start + (seat % tier.size);
  }

  /** Numbers of the account's posts below `before`, falling without end. Nothing for accounts that don't write. */
  *postsBefore(account: number, before: number): Generator<number> {
    const seats = this.#seatsOf(account);
    const next = seats.map((seat) => this.#lastBefore(seat, before));
    for (;;) {
      let newest = -1;
      for (const [n, candidate] of next.entries()) {
        if (newest < 0 || candidate > (next[newest] ?? 0)) newest = n;
      }
      const seat = seats[newest];
      const post = next[newest];
      if (seat === undefined || post === undefined) return;
      yield post;
      next[newest] = this.#postOf(seat, Math.floor(post / this.perRound) - seat.tier.period);
    }
  }

  /** Number of the account's first post after `post`. */
  postAfter(account: number, post: number): number | undefined {
    const candidates = this.#seatsOf(account).map((seat) => {
      const last = this.#lastBefore(seat, post + 1);
      return this.#postOf(seat, Math.floor(last / this.perRound) + seat.tier.period);
    });
    return candidates.length === 0 ? undefined : Math.min(...candidates);
  }

  /** How many posts of the account have numbers from .. to-1. */
  count(account: number, from: number, to: number): number {
    let count = 0;
    if (to <= from) return 0;
    for (const seat of this.#seatsOf(account)) {
      const last = Math.floor(this.#lastBefore(seat, to) / this.perRound);
      const lastBeforeFrom = Math.floor(this.#lastBefore(seat, from) / this.perRound);
      count += (last - lastBeforeFrom) / seat.tier.period;
    }
    return count;
  }

  /** An account of the first places of a tier can have two seats, because seats must fill whole rounds. */
  #seatsOf(account: number): Seat[] {
    if (account >= this.#writers) return [];
    const tier = this.#tiers.findLast(({ start }) => start <= account);
    if (tier === undefined) return [];
    const seats: Seat[] = [];
    for (let number = account - tier.start; number < tier.places * tier.period; number += tier.size) {
      seats.push({ tier, place: Math.floor(number / tier.period), phase: number % tier.period });
    }
    return seats;
  }

  #lastBefore(seat: Seat, before: number): number {
    const { period } = seat.tier;
    const round = Math.floor((before - 1) / this.perRound);
    const fitting = round - modulo(round - seat.phase, period);
    const post = this.#postOf(seat, fitting);
    return post < before ? post : this.#postOf(seat, fitting - period);
  }

  #postOf(seat: Seat, round: number): number {
    return round * this.perRound + this.#order.at(seat.tier.position + seat.place, round | 0);
  }

  #tierAt(place: number): Tier {
    const tier = this.#tiers[this.#tierOfPlace[place] ?? 0];
    if (tier === undefined) throw new RangeError(`no place ${place} in a round`);
    return tier;
  }
}

interface Tier {
  /** Its first account. */
  readonly start: number;
  readonly size: number;
  /** Rounds between two posts of an account. */
  readonly period: number;
  /** Posts per round. */
  readonly places: number;
  /** Its first place in a round, before shuffling. */
  readonly position: number;
}

interface Seat {
  readonly tier: Tier;
  readonly place: number;
  readonly phase: number;
}

function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest < 0 ? rest + b : rest;
}
