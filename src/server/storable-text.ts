/** What no text may hold: PostgreSQL keeps neither a NUL nor half of a character. */
import { FieldErrors } from './field-errors.ts';

/** Throws FieldErrors for the first such text of a request's body, wherever it stands. The body was read from JSON: it has no cycles. */
export function requireStorableText(body: unknown): void {
  const waiting: { value: unknown; path: string }[] = [{ value: body, path: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next;
    if (typeof value === 'string') requireStorable(value, path);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) {
        requireStorable(key, path);
        waiting.push({ value: each, path: path === '' ? key : `${path}/${key}` });
      }
  }
}

function requireStorable(text: string, path: string): void {
  if (text.includes('\0')) throw refusal(path, 'Here is a character that no text can hold (NUL); take it out.');
  if (!text.isWellFormed())
    throw refusal(path, 'Here is half of a character, as a cut-off emoji leaves it; take it out.');
}

function refusal(path: string, message: string): FieldErrors {
  return new FieldErrors([{ field: path, message }]);
}
