import type { FilterProblem } from '../../core/rules/definition.ts';
import { MistnetError } from '../../core/errors.ts';

/** A filter that cannot be made like this: `problems` say of each field why, the message says all of them. Code `filter.refused`. */
export class FilterRefused extends MistnetError {
  readonly problems: FilterProblem[];

  constructor(problems: FilterProblem[]) {
    super('filter.refused', problems.map(({ message }) => message).join(' '));
    this.problems = problems;
  }
}
