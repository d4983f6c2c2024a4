type Words = readonly string[];

/** Whether the words stand side by side in a run of words, in this order. Never for none. */
export function holdsPhrase(section: Words, words: Words): boolean {
  const first = words[0];
  if (first === undefined) return false;
  for (let start = section.indexOf(first); start >= 0; start = section.indexOf(first, start + 1)) {
    let length = 1;
    while (length < words.length && section[start + length] === words[length]) length++;
    if (length === words.length) return true;
  }
  return false;
}

/**
 * Whether the words stand near each other: moving them `distance` places in all makes them a phrase. Two words thus have at most
 * `distance` others between them, or `distance - 2` in the wrong order.
 */
export function holdsNear(section: Words, words: Words, distance: number): boolean {
  const first = words[0];
  if (first === undefined) return false;
  for (let place = section.indexOf(first); place >= 0; place = section.indexOf(first, place + 1)) {
    for (let base = place - distance; base <= place; base++) {
      if (fitsNear(section, words, distance, base)) return true;
    }
  }
  return false;
}

/** Word n may stand in one of the `distance + 1` places from `base + n` on; taking the earliest free one is never worse. */
function fitsNear(section: Words, words: Words, distance: number, base: number): boolean {
  const taken = new Map<string, number>();
  for (const [index, word] of words.entries()) {
    const last = Math.min(base + index + distance, section.length - 1);
    let place = Math.max(base + index, 0, (taken.get(word) ?? -1) + 1);
    while (place <= last && section[place] !== word) place++;
    if (place > last) return false;
    taken.set(word, place);
  }
  return true;
}
