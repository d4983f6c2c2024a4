import { idsOfLine } from '../platforms/x/read/ids-of-json.ts';
import type { Entry } from './print-lookups.ts';

/** The ids of posts in a line: bare, or of posts in any known shape. A damaged id is an outcome, not a reason to stop. */
export function entriesOfLine(line: string): Entry[] {
  const found = idsOfLine(line, 'posts');
  const text = line.trim().slice(0, 100);
  if (found === undefined) return [{ unusable: text, reason: 'neither an id nor a post' }];
  const damaged: Entry[] = Array.from({ length: found.damaged }, () => ({
    unusable: text,
    reason: 'an id that was damaged on its way: it was rounded, or cut',
  }));
  return [...found.ids.map((key) => ({ key, existed: !found.bare })), ...damaged];
}
