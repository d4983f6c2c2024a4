import { MistnetError } from '../core/errors.ts';
import { FilterRefused } from '../store/filters/filter-refused.ts';
import { FieldErrors } from './field-errors.ts';

/** Where on a form a refusal belongs. */
const fieldOfCode: Partial<Record<MistnetError['code'], string>> = {
  'collection.exists': 'name',
  'zone.invalid': 'zone',
  'credential.unknown': 'credential',
  'credential.unusable': 'credential',
  'account.unknown': 'seeds',
  'usage.invalid': 'schedule',
  'filter.refused': 'definition',
};

/** Waits for a change; what the store refuses is said beside the field that it is about. */
export async function besideFields<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof MistnetError)) throw error;
    const field = fieldOfCode[error.code];
    if (field === undefined) throw error;
    if (error instanceof FilterRefused)
      throw new FieldErrors(
        error.problems.map((problem) => ({
          field: ['definition', problem.field, ...(problem.line === undefined ? [] : [problem.line])].join('/'),
          message: problem.message,
        })),
        { cause: error },
      );
    const code = error.code === 'collection.exists' ? error.code : 'request.invalid';
    throw new FieldErrors([{ field, message: error.message }], { cause: error, code });
  }
}
