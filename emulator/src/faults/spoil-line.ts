/** Characters that a huge line's text gains. */
export const HUGE_TEXT_CHARS = 5 * 1024 * 1024;

/** Half of a JSON object: what a broken sender leaves between two good lines. */
export function malform(connection: string, nth: number): string {
  return `{"data":{"edit_history_tweet_ids":["malformed-${connection}-${nth}"],"text":"this line ends in the mid`;
}

/** The same line with 5 MB put in front of its `text` (or, without one, as a new key in front); its id is untouched. */
export function enlarge(line: Buffer): Buffer {
  const padding = Buffer.alloc(HUGE_TEXT_CHARS, 'huge ');
  const at = afterTextKey(line);
  if (at !== undefined) return Buffer.concat([line.subarray(0, at), padding, line.subarray(at)]);
  if (line[0] !== 0x7b) return line;
  const separator = line.includes(0x22) ? '",' : '"';
  return Buffer.concat([Buffer.from('{"huge":"'), padding, Buffer.from(separator), line.subarray(1)]);
}

/** Where the value of the first `"text"` begins. Some recordings put a space after the colon. */
function afterTextKey(line: Buffer): number | undefined {
  for (const key of ['"text":"', '"text": "', '"full_text":"', '"full_text": "']) {
    const at = line.indexOf(key);
    if (at >= 0) return at + key.length;
  }
  return undefined;
}
