/** What the server said of single fields of a form. */
import { ApiError } from './client.ts';

/** By field of the body: `name`, `seeds`, `definition/words/0`. */
export function fieldErrors(error: Error | null): { field: string; message: string }[] {
  if (!(error instanceof ApiError)) return [];
  return error.errors.map(({ field, message }) => ({ field: field.replace(/^body\//, ''), message }));
}

/** What belongs beside one field: what was said of it, or a refusal of one of these `codes`, which can be about nothing else. */
export function errorAt(error: Error | null, field: string, ...codes: readonly string[]): string | undefined {
  if (error instanceof ApiError && codes.includes(error.code)) return error.message;
  return fieldErrors(error).find((each) => each.field === field)?.message;
}
