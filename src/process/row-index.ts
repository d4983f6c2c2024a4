/**
 * The index of an hour's rows, in typed arrays: about 75 bytes a post is all that grows with the hour, and less than half of them once all
 * is read. An id of up to 20 digits is kept exactly as two numbers, its last nine digits and the ones before (11 at most, far below 2^53),
 * so no id is ever rounded.
 */

import { sortRows } from './sort-rows.ts';

/** A decimal number of up to 20 digits: `high * 1e9 + low`. */
export type IdKey = { high: number; low: number };

const LOW_DIGITS = 9;
const MOST_LOW = 1e9 - 1;
const MOST_HIGH = 1e11 - 1;

/** Reads the digits `from … to`, which must be 1 to 20 decimal digits, into `key`. */
export function readIdKey(bytes: Buffer, from: number, to: number, key: IdKey): void {
  const split = Math.max(from, to - LOW_DIGITS);
  let high = 0;
  for (let at = from; at < split; at++) high = high * 10 + (bytes[at] as number) - 48;
  let low = 0;
  for (let at = split; at < to; at++) low = low * 10 + (bytes[at] as number) - 48;
  key.high = high;
  key.low = low;
}

/** The digits again. */
export function idKeyToText(high: number, low: number): string {
  return high === 0 ? String(low) : `${high}${String(low).padStart(LOW_DIGITS, '0')}`;
}

/** Rows are numbered from 0 in the order of their addition. */
export class RowIndex {
  size = 0;
  idHigh = new Float64Array(0);
  idLow = new Uint32Array(0);
  /** Author's id; NaN where the row has none that is decimal. */
  authorHigh = new Float64Array(0);
  authorLow = new Uint32Array(0);
  /** Where the row lies in the spill, in bytes. */
  offset = new Float64Array(0);
  length = new Uint32Array(0);
  /** Ms since 1970, NaN where unknown. */
  createdMs = new Float64Array(0);
  retrievedMs = new Float64Array(0);
  /** The node whose copy this is, and how many nodes delivered the post. */
  node = new Uint16Array(0);
  heldBy = new Uint16Array(0);
  /** The node that delivered the post last: nodes are read one after the other. */
  lastNode = new Uint16Array(0);
  #capacity = 0;
  /** Open addressing, at most half full: row number + 1, 0 = free. */
  #slots = new Uint32Array(1 << 12);

  /** The row of an id, undefined when there is none. */
  find(key: IdKey): number | undefined {
    const row = this.#slots[this.#slotOf(key.high, key.low)] as number;
    return row === 0 ? undefined : row - 1;
  }

  /** Adds an id that is not there yet and returns its row; the other columns are the caller's to fill. */
  add(key: IdKey): number {
    if (this.size === this.#capacity) this.#grow();
    const row = this.size++;
    this.idHigh[row] = key.high;
    this.idLow[row] = key.low;
    this.#slots[this.#slotOf(key.high, key.low)] = row + 1;
    if (2 * this.size > this.#slots.length) this.#rehash();
    return row;
  }

  /** All rows by the value of their ids. */
  sortedById(): Uint32Array<ArrayBuffer> {
    const rows = sequence(this.size);
    this.#sortById(rows);
    return rows;
  }

  /** For each author the row of the latest post (by creation, then id), latest first. Rows without an author's id are left out. */
  latestByAuthor(): Uint32Array<ArrayBuffer> {
    const { authorHigh, authorLow } = this;
    let slots = new Uint32Array(1 << 12);
    let authors = 0;
    const slotOf = (row: number) => {
      const mask = slots.length - 1;
      const high = authorHigh[row] as number;
      const low = authorLow[row] as number;
      for (let slot = hash(high, low) & mask; ; slot = (slot + 1) & mask) {
        const found = (slots[slot] as number) - 1;
        if (found === -1 || (authorLow[found] === low && authorHigh[found] === high)) return slot;
      }
    };
    for (let row = 0; row < this.size; row++) {
      if (Number.isNaN(authorHigh[row])) continue;
      const slot = slotOf(row);
      const found = slots[slot] as number;
      if (found === 0) authors++;
      if (found === 0 || this.#compareByCreation(row, found - 1) > 0) slots[slot] = row + 1;
      if (2 * authors <= slots.length) continue;
      const fuller = slots;
      slots = new Uint32Array(2 * fuller.length);
      for (const entry of fuller) if (entry !== 0) slots[slotOf(entry - 1)] = entry;
    }
    const rows = new Uint32Array(authors);
    let next = 0;
    for (const entry of slots) if (entry !== 0) rows[next++] = entry - 1;
    this.#sortById(rows);
    let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const row of rows) {
      const ms = this.createdMs[row] as number;
      if (ms < earliest) earliest = ms;
      if (ms > latest) latest = ms;
    }
    // Where nothing is known there is no latest, and nothing to sort.
    const creationOf = (row: number) => {
      const ms = this.createdMs[row] as number;
      return Number.isNaN(ms) ? 0 : ms - earliest + 1;
    };
    sortRows(rows, creationOf, latest - earliest + 1);
    return rows.reverse();
  }

  #sortById(rows: Uint32Array<ArrayBuffer>): void {
    sortRows(rows, (row) => this.idLow[row] as number, MOST_LOW);
    sortRows(rows, (row) => this.idHigh[row] as number, MOST_HIGH);
  }

  /** Gives back what only adding, finding and ordering need: none of these may be asked for any more. */
  settle(): void {
    this.#slots = emptied(this.#slots);
    this.authorHigh = emptied(this.authorHigh);
    this.authorLow = emptied(this.authorLow);
    this.createdMs = emptied(this.createdMs);
    this.retrievedMs = emptied(this.retrievedMs);
    this.lastNode = emptied(this.lastNode);
  }

  /** Gives back everything but the size. */
  release(): void {
    this.settle();
    this.idHigh = emptied(this.idHigh);
    this.idLow = emptied(this.idLow);
    this.offset = emptied(this.offset);
    this.length = emptied(this.length);
    this.node = emptied(this.node);
    this.heldBy = emptied(this.heldBy);
  }

  /** Later is greater; a row without a creation is the earliest. */
  #compareByCreation(a: number, b: number): number {
    const createdA = this.createdMs[a] as number;
    const createdB = this.createdMs[b] as number;
    if (createdA !== createdB && !(Number.isNaN(createdA) && Number.isNaN(createdB))) {
      if (Number.isNaN(createdA)) return -1;
      if (Number.isNaN(createdB)) return 1;
      return createdA - createdB;
    }
    return (
      (this.idHigh[a] as number) - (this.idHigh[b] as number) || (this.idLow[a] as number) - (this.idLow[b] as number)
    );
  }

  #slotOf(high: number, low: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash(high, low) & mask; ; slot = (slot + 1) & mask) {
      const row = (slots[slot] as number) - 1;
      if (row === -1 || (this.idLow[row] === low && this.idHigh[row] === high)) return slot;
    }
  }

  #rehash(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    for (let row = 0; row < this.size; row++)
      this.#slots[this.#slotOf(this.idHigh[row] as number, this.idLow[row] as number)] = row + 1;
  }

  /** By half, not by double: the copy is cheap and the room unused at the end stays small. */
  #grow(): void {
    const capacity = Math.max(1 << 12, this.#capacity + (this.#capacity >> 1));
    this.idHigh = enlarge(this.idHigh, capacity);
    this.idLow = enlarge(this.idLow, capacity);
    this.authorHigh = enlarge(this.authorHigh, capacity);
    this.authorLow = enlarge(this.authorLow, capacity);
    this.offset = enlarge(this.offset, capacity);
    this.length = enlarge(this.length, capacity);
    this.createdMs = enlarge(this.createdMs, capacity);
    this.retrievedMs = enlarge(this.retrievedMs, capacity);
    this.node = enlarge(this.node, capacity);
    this.heldBy = enlarge(this.heldBy, capacity);
    this.lastNode = enlarge(this.lastNode, capacity);
    this.#capacity = capacity;
  }
}

type Column = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** `transfer` frees the old memory at once; waiting for the collector would double the peak. */
function enlarge<C extends Column>(column: C, capacity: number): C {
  const Kind = column.constructor as new (buffer: ArrayBuffer) => C;
  return new Kind(column.buffer.transfer(capacity * column.BYTES_PER_ELEMENT));
}

/** Frees a column's memory at once. */
export function emptied<C extends Column>(column: C): C {
  return enlarge(column, 0);
}

function sequence(length: number): Uint32Array<ArrayBuffer> {
  const numbers = new Uint32Array(length);
  for (let index = 0; index < length; index++) numbers[index] = index;
  return numbers;
}

/** Mixes both parts; ids differ mostly in the middle digits. */
function hash(high: number, low: number): number {
  let value = Math.imul(low ^ ((high % 4_294_967_296) | 0), 0x9e3779b1);
  value = Math.imul(value ^ (value >>> 15) ^ Math.imul(high | 0, 0x85ebca6b), 0xc2b2ae35);
  return (value ^ (value >>> 13)) >>> 0;
}
