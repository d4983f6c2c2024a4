/** What is wrong with which field of a form: one sentence each, to be shown beside it. */
export class FieldErrors extends Error {
  readonly code: 'request.invalid' | 'collection.exists';
  readonly errors: readonly { field: string; message: string }[];

  constructor(
    messages: Readonly<Record<string, string>>,
    options: { cause?: unknown; code?: FieldErrors['code'] } = {},
  ) {
    super(Object.values(messages).join(' '), options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'FieldErrors';
    this.code = options.code ?? 'request.invalid';
    this.errors = Object.entries(messages).map(([field, message]) => ({ field: `body/${field}`, message }));
  }
}
