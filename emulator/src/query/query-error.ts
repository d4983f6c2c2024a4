/** One thing that is wrong with a query. `position` counts UTF-16 units from 1; undefined where the platform names no place. */
export interface QueryProblem {
  readonly message: string;
  readonly position: number | undefined;
}

/**
 * The only error that parsing throws: a query that the platform would refuse. `details` are its sentences as the platform
 * writes them in a rules answer (`errors[].details`); `searchErrorMessage` makes the one sentence of a search answer.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly problems: readonly QueryProblem[];

  /** @param problems at least one, in the order in which the platform lists them */
  constructor(problems: readonly QueryProblem[]) {
    super(problems.map(sentence).join(', '));
    this.problems = problems;
  }

  get details(): string[] {
    return this.problems.map(sentence);
  }
}

/** `errors[].message` of a refused search. An empty query has a sentence of its own, without the usual beginning. */
export function searchErrorMessage(error: QueryError): string {
  if (error.message === EMPTY_QUERY) return error.message;
  return `There were errors processing your request: ${error.message}`;
}

export const EMPTY_QUERY = "Invalid 'query':''. 'query' must be a non-empty string";

function sentence({ message, position }: QueryProblem): string {
  return position === undefined ? message : `${message} (at position ${position})`;
}
