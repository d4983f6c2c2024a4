/** What is wrong with which field of a request, of its body unless another part is named (`name`, `definition/words/2`): a sentence each, by field or as a list, to be shown beside it. */
export class FieldErrors extends Error {
  readonly code: 'request.invalid' | 'collection.exists';
  readonly errors: readonly { field: string; message: string }[];

  constructor(
    errors: Readonly<Record<string, string>> | readonly { field: string; message: string }[],
    {
      part = 'body',
      ...options
    }: { part?: 'body' | 'params' | 'querystring'; cause?: unknown; code?: FieldErrors['code'] } = {},
  ) {
    const list = Array.isArray(errors)
      ? (errors as readonly { field: string; message: string }[])
      : Object.entries(errors).map(([field, message]) => ({ field, message }));
    super(list.map(({ message }) => message).join(' '), options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'FieldErrors';
    this.code = options.code ?? 'request.invalid';
    this.errors = list.map(({ field, message }) => ({ field: `${part}/${field}`, message }));
  }
}
