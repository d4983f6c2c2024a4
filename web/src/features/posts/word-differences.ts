/** What changed from one text to the next, word by word. Pure. */

export type Piece = { kind: 'same' | 'added' | 'removed'; text: string };

/** Beyond it the table of the comparison would be too large; then the texts are shown whole. */
const MOST_WORDS = 2_000;

/** Pieces that, without the removed ones, give `after`, and without the added ones `before`; undefined where the texts are too long. */
export function wordDifferences(before: string, after: string): Piece[] | undefined {
  const [old, now] = [toWords(before), toWords(after)];
  if (old.length > MOST_WORDS || now.length > MOST_WORDS) return undefined;
  const common = commonLengths(old, now);
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [was, is] = [old[i], now[j]];
    if (was !== undefined && was === is) {
      push(pieces, 'same', was);
      i += 1;
      j += 1;
    } else if (is === undefined || (was !== undefined && common(i + 1, j) >= common(i, j + 1))) {
      push(pieces, 'removed', was ?? '');
      i += 1;
    } else {
      push(pieces, 'added', is);
      j += 1;
    }
  }
  return pieces;
}

/** Words and what stands between them; each character of scripts without blanks. */
function toWords(text: string): string[] {
  return (
    text.match(
      /\s+|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu,
    ) ?? []
  );
}

/** Length of the longest common run of words from `i` of the one and `j` of the other. */
function commonLengths(old: readonly string[], now: readonly string[]): (i: number, j: number) => number {
  const width = now.length + 1;
  const table = new Uint16Array((old.length + 1) * width);
  const at = (i: number, j: number) => table[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      table[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  return at;
}

function push(pieces: Piece[], kind: Piece['kind'], text: string): void {
  const last = pieces.at(-1);
  if (last?.kind === kind) last.text += text;
  else pieces.push({ kind, text });
}
