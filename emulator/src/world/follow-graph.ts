import { Permutation } from './permutation.ts';
import { Random } from './random.ts';

const GRAPH = 0x0f01;
const DAY_MS = 86_400_000;
/** Each band of popularity is this much wider than the one before. */
const WIDENING = 1.6;
const FIRST_BAND = 8;
/** So many accounts of a band the keenest follower follows. */
const MOST_PER_BAND = 24;

/**
 * Who follows whom, computed from the seed: no edge is kept. Popularity goes by account number, keenness to follow by a
 * shuffled rank. Accounts stand in bands of popularity, and a band has layers: in layer l everyone with rank below `reach`
 * follows the account of the band that his rank plus the layer's offset falls on, modulo the band's width. So followers and
 * followed are both arithmetic, no edge is double, and both degrees have a heavy tail. Each band has one more layer whose
 * reach grows from the world's start on: the new follows.
 */
export class FollowGraph {
  readonly #size: number;
  readonly #startAt: number;
  readonly #bands: readonly Band[];
  /** All layers by falling reach: an account is in a prefix of these. */
  readonly #layers: readonly Layer[];
  readonly #ranks: Permutation;

  /** @param size accounts 0 .. size-1 take part; @param startAt Unix ms since when there are new follows */
  constructor(seed: number, size: number, startAt: number) {
    this.#size = size;
    this.#startAt = startAt;
    const random = new Random(seed);
    this.#ranks = new Permutation(size, random.at(GRAPH, 0).u32());
    const bands: Band[] = [];
    for (let start = 0, n = 0; start < size; n++) {
      const wanted = Math.ceil(FIRST_BAND * WIDENING ** n);
      // No sliver at the end.
      const width = start + wanted * 1.5 > size ? size - start : wanted;
      bands.push(this.#makeBand(random.at(GRAPH, n + 1), start, width, n));
      start += width;
    }
    this.#bands = bands;
    this.#layers = bands.flatMap(({ layers }) => layers).toSorted((a, b) => b.reach - a.reach);
  }

  followersCount(account: number, at: number): number {
    if (account >= this.#size) return 0;
    const band = this.#bandOf(account);
    let count = 0;
    for (const layer of band.layers)
      count += below(layer.reach, this.#residue(band, layer.offset, account), band.width);
    count += below(this.#grown(band, at), this.#residue(band, band.newOffset, account), band.width);
    return count - this.#selfFollows(account, at);
  }

  followingCount(account: number, at: number): number {
    if (account >= this.#size) return 0;
    const rank = this.#ranks.at(account);
    return this.#layersOf(rank) + this.#newBands(rank, at) - this.#selfFollows(account, at);
  }

  follows(follower: number, followed: number, at: number): boolean {
    if (follower >= this.#size || followed >= this.#size || follower === followed) return false;
    const band = this.#bandOf(followed);
    const rank = this.#ranks.at(follower);
    const offset = modulo(followed - band.start - rank, band.width);
    if (offset === band.newOffset) return rank < this.#grown(band, at);
    const layer = band.layers.find((candidate) => candidate.offset === offset);
    return layer !== undefined && rank < layer.reach;
  }

  /**
   * Followers by position (0 the oldest), newest first, from the position below `before` on. Positions never move; that of
   * a self-follow is left out.
   */
  *followers(account: number, before: number, at: number): Generator<{ account: number; position: number }> {
    if (account >= this.#size) return;
    const band = this.#bandOf(account);
    const blocks = [
      ...band.layers.map(({ offset, reach }) => ({ offset, reach })),
      { offset: band.newOffset, reach: this.#grown(band, at) },
    ].map(({ offset, reach }) => {
      const first = this.#residue(band, offset, account);
      return { first, count: below(reach, first, band.width) };
    });
    let end = blocks.reduce((sum, { count }) => sum + count, 0);
    for (const { first, count } of blocks.toReversed()) {
      const start = end - count;
      for (let position = Math.min(end, before) - 1; position >= start; position--) {
        const follower = this.#ranks.indexOf(first + (position - start) * band.width);
        if (follower !== account) yield { account: follower, position };
      }
      end = start;
    }
  }

  *following(account: number, before: number, at: number): Generator<{ account: number; position: number }> {
    if (account >= this.#size) return;
    const rank = this.#ranks.at(account);
    const old = this.#layersOf(rank);
    const total = old + this.#newBands(rank, at);
    for (let position = Math.min(total, before) - 1; position >= 0; position--) {
      const followed = position < old ? this.#followedIn(position, rank) : this.#newlyFollowed(position - old, rank);
      if (followed !== account) yield { account: followed, position };
    }
  }

  #followedIn(position: number, rank: number): number {
    const layer = this.#layers[position];
    if (layer === undefined) throw new RangeError('no such layer');
    return layer.bandStart + ((rank + layer.offset) % layer.bandWidth);
  }

  /** The last band (the most accounts) grows fastest, so new follows come in the order of falling bands. */
  #newlyFollowed(nth: number, rank: number): number {
    const band = this.#bands[this.#bands.length - 1 - nth];
    if (band === undefined) throw new RangeError('no such band');
    return band.start + ((rank + band.newOffset) % band.width);
  }

  #makeBand(random: Random, start: number, width: number, n: number): Band {
    const offsets = distinct(random, Math.min(width, MOST_PER_BAND + 1), width);
    const newOffset = offsets.pop() ?? 0;
    const layers = offsets.map((offset, l) => {
      // Most layers have few followers; the first layer of each band has many.
      const share = (0.5 + random.float()) * Math.min(0.6, 0.55 / (l + 1) ** 1.7);
      const reach = Math.floor(this.#size * share);
      return { offset, reach, bandStart: start, bandWidth: width };
    });
    // All new follows of a day together: some 5 % of the number of accounts, more in the wider bands.
    const perMs = ((this.#size * 0.02) / DAY_MS) * (0.02 + 0.006 * n);
    return { start, width, layers, newOffset, newPerMs: perMs };
  }

  #bandOf(account: number): Band {
    const band = this.#bands.findLast(({ start }) => start <= account);
    if (band === undefined) throw new RangeError(`no account ${account} in the graph`);
    return band;
  }

  /** The smallest rank that follows `account` in the layer of that offset. */
  #residue(band: Band, offset: number, account: number): number {
    return modulo(account - band.start - offset, band.width);
  }

  #grown(band: Band, at: number): number {
    return Math.min(this.#size, Math.max(0, Math.floor((at - this.#startAt) * band.newPerMs)));
  }

  /** How many of the layers hold that rank. */
  #layersOf(rank: number): number {
    let low = 0;
    let high = this.#layers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#layers[middle]?.reach ?? 0) > rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #newBands(rank: number, at: number): number {
    let count = 0;
    for (const band of this.#bands.toReversed()) {
      if (this.#grown(band, at) <= rank) break;
      count++;
    }
    return count;
  }

  #selfFollows(account: number, at: number): number {
    const band = this.#bandOf(account);
    const rank = this.#ranks.at(account);
    const offset = modulo(account - band.start - rank, band.width);
    if (offset === band.newOffset) return rank < this.#grown(band, at) ? 1 : 0;
    const layer = band.layers.find((candidate) => candidate.offset === offset);
    return layer !== undefined && rank < layer.reach ? 1 : 0;
  }
}

interface Layer {
  readonly offset: number;
  /** Ranks below follow. */
  readonly reach: number;
  readonly bandStart: number;
  readonly bandWidth: number;
}

interface Band {
  /** Its first, most popular account. */
  readonly start: number;
  readonly width: number;
  readonly layers: readonly Layer[];
  readonly newOffset: number;
  readonly newPerMs: number;
}

/** How many of first, first + step … are below `end`. */
function below(end: number, first: number, step: number): number {
  return end <= first ? 0 : Math.floor((end - 1 - first) / step) + 1;
}

function distinct(random: Random, count: number, n: number): number[] {
  const found = new Set<number>();
  while (found.size < count) found.add(random.below(n));
  return [...found];
}

function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest < 0 ? rest + b : rest;
}
