import Fastify from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MistnetError } from '../core/errors.ts';
import { errorToProblem, ProblemError, problemTable } from './problems.ts';

describe('errors as problem documents', () => {
  it('say the code, the general sentence and the particular one', () => {
    expect(errorToProblem(new ProblemError('file.unknown', 'No file x.'))).toEqual({
      type: 'urn:mistnet:problem:file.unknown',
      ...problemTable['file.unknown'],
      ...{ detail: 'No file x.', code: 'file.unknown' },
    });
    expect(errorToProblem(new MistnetError('collection.unknown', 'There is no collection "x".'))).toMatchObject({
      ...{ status: 404, code: 'collection.unknown', detail: 'There is no collection "x".' },
    });
  });

  it('never tell what was not meant for callers', () => {
    for (const error of [
      new Error('secret at /home/x'),
      new MistnetError('segment.damaged', 'secret'),
      'secret',
      null,
    ]) {
      const problem = errorToProblem(error);
      expect(problem).toMatchObject({ status: 500, code: 'internal.failure' });
      expect(JSON.stringify(problem)).not.toContain('secret');
    }
  });

  it('say sizes as a person would', async () => {
    const app = Fastify();
    app.setValidatorCompiler(validatorCompiler);
    let said: unknown;
    app.setErrorHandler(async (error) => {
      said = error;
    });
    const body = z.object({
      name: z.string().min(1).max(3),
      code: z.string().min(4),
      list: z.array(z.string()).max(1),
      count: z.number().max(1e9),
      day: z.number().min(0),
    });
    app.post('/', { schema: { body } }, async () => 'read');
    const payload = { name: 'long', code: 'x', list: ['', ''], count: 1e12, day: -5 };
    await app.inject({ method: 'POST', url: '/', payload });
    expect(errorToProblem(said).errors?.map(({ message }) => message)).toEqual([
      'is too long: 3 characters at most',
      'needs 4 characters or more',
      'has too many: 1 at most',
      'is too large: 1,000,000,000 at most',
      'is too small: 0 at least',
    ]);
  });

  it('keep the status of what the web server itself refuses', () => {
    const error = Object.assign(new Error('Request body is too large'), { statusCode: 413 });
    expect(errorToProblem(error)).toMatchObject({
      ...{ status: 413, code: 'request.invalid' },
      detail: 'What was sent is too long to be read; nothing was changed. Shorten it.',
    });
  });
});
