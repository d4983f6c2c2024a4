import { describe, expect, it } from 'vitest';
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

  it('keep the status of what the web server itself refuses', () => {
    const error = Object.assign(new Error('Request body is too large'), { statusCode: 413 });
    expect(errorToProblem(error)).toMatchObject({
      ...{ status: 413, code: 'request.invalid' },
      detail: 'What was sent is too long to be read; nothing was changed. Shorten it.',
    });
  });
});
