import { expect, it } from 'vitest';
import { ApiError } from './client.ts';
import { errorAt } from './field-errors.ts';

it('what was said of a field stands beside that one, and a refusal beside the field that it is about', () => {
  const long = new ApiError({
    ...{ code: 'request.invalid', status: 400, detail: 'body/email: is too long' },
    errors: [{ field: 'body/email', message: 'is too long' }],
  });
  expect([errorAt(long, 'email'), errorAt(long, 'name')]).toEqual(['is too long', undefined]);
  const taken = new ApiError({ code: 'user.exists', status: 409, detail: 'There is such a user already.' });
  expect(errorAt(taken, 'email', 'user.exists')).toBe('There is such a user already.');
  expect(errorAt(taken, 'password', 'password.weak')).toBeUndefined();
  expect(errorAt(new TypeError('no network'), 'email', 'user.exists')).toBeUndefined();
  expect(errorAt(null, 'email')).toBeUndefined();
});
