/** What no text may hold: PostgreSQL keeps neither a NUL nor half of a character. */
import { FieldErrors } from './field-errors.ts';

type Part = 'params' | 'querystring' | 'body';

/** Throws FieldErrors for the first such text of a request, wherever it stands. */
export function requireStorableText({ params, query, body }: { params: unknown; query: unknown; body: unknown }): void {
  requireStorable('params', params);
  requireStorable('querystring', query);
  requireStorable('body', body);
}

type Place = { value: unknown; key: string; within: Place | undefined };

/** What was sent as JSON has no cycles, but may be as deep as its sender wished. */
function requireStorable(part: Part, whole: unknown): void {
  const waiting: Place[] = [{ value: whole, key: '', within: undefined }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { value } = place;
    const texts =
      typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const fault = texts.map(faultOf).find((each) => each !== undefined);
    if (fault !== undefined) throw new FieldErrors([{ field: pathOf(place), message: fault }], { part });
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, each] of Object.entries(value)) waiting.push({ value: each, key, within: place });
  }
}

function pathOf(place: Place): string {
  const keys: string[] = [];
  for (let each = place; each.within !== undefined; each = each.within) keys.unshift(each.key);
  return keys.join('/');
}

function faultOf(text: string): string | undefined {
  if (text.includes('\0')) return 'Here is a character that no text can hold (NUL); take it out.';
  return text.isWellFormed() ? undefined : 'Here is half of a character, as a cut-off emoji leaves it; take it out.';
}
