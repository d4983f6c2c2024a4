import type { ParameterError } from '../problems.ts';
import type { QueryNode } from '../../query/ast.ts';
import { parseQuery } from '../../query/parse-query.ts';
import { EMPTY_QUERY, QueryError, searchErrorMessage } from '../../query/query-error.ts';
import type { QueryLimits } from '../../query/query-limits.ts';

/** The `query` of a search, parsed; or what is wrong with it, in the platform's words. Blank queries have words of their own. */
export function readQuery(parameters: URLSearchParams, limits: QueryLimits): QueryNode | ParameterError {
  const source = parameters.get('query');
  if (source === null) {
    return { parameters: { query: [] }, message: 'The `query` query parameter can not be empty' };
  }
  if (source.trim() === '') return { parameters: { query: [source] }, message: EMPTY_QUERY };
  try {
    return parseQuery(source, 'search', limits);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { parameters: { query: [source] }, message: searchErrorMessage(error) };
  }
}
