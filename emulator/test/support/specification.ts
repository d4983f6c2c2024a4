import { deepStrictEqual, ok } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Vocabulary } from '../../src/api/vocabulary.ts';

const FOLDER = new URL('../../../../shared/reference/spec/', import.meta.url);
const FILES: Readonly<Record<Vocabulary, string>> = {
  '2.166': 'x-openapi-2.166-2026-07-06.json',
  '2.167': 'x-openapi-2.167-2026-08-22.json',
};

/** False where the platform's published specifications are not at hand: tests that need them are skipped, and say so. */
export const HAS_SPECIFICATIONS: boolean = Object.values(FILES).every((name) => existsSync(new URL(name, FOLDER)));

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
type Responses = Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>>;
type Schema = Record<string, unknown> & {
  readonly discriminator?: { readonly mapping: Readonly<Record<string, string>> };
};

/** A published specification of the platform, to hold answers against. */
export class Specification {
  readonly #version: Vocabulary;
  readonly #openApi: OpenApi;
  readonly #ajv: Ajv;
  #older: Specification | undefined;
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(version: Vocabulary) {
    this.#version = version;
    // `mentionedUsers` is among the values of an enum whose pattern allows no more than twelve letters.
    const text = readFileSync(new URL(FILES[version], FOLDER), 'utf8').replaceAll('^[A-Za-z]{1,12}$', '^[A-Za-z]+$');
    this.#openApi = JSON.parse(text) as OpenApi;
    this.#ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    // The plugin is a CommonJS module, whose function is its `default`.
    (addFormats as unknown as { default: (ajv: Ajv) => void }).default(this.#ajv);
    this.#ajv.addSchema({ ...(this.#openApi as unknown as Record<string, unknown>), $id: 'openapi' });
  }

  /**
   * Expects a body to be what the specification says of that endpoint and status; errors and media, which it tells apart
   * by their type, are held against the schema of that type.
   * @param path with or without its values: `/2/tweets/:id`, `/2/tweets/{id}`, `/2/tweets/20`
   */
  expectValid(method: string, path: string, status: number, body: unknown): void {
    const { pointer, isProblem } = this.#schemaOf(method, path, status);
    // 2.167 knows a few of the problems that whole answers can be, and none of those without a type.
    if (isProblem && this.#version === '2.167')
      return (this.#older ??= new Specification('2.166')).expectValid(method, path, status, body);
    deepStrictEqual(
      this.#faults(pointer, body),
      [],
      `${method} ${path} ${status}: ${JSON.stringify(body).slice(0, 2000)}`,
    );
    if (isProblem) return;
    const { errors, includes } = body as { errors?: unknown[]; includes?: { media?: unknown[] } };
    for (const error of errors ?? []) this.#expectOfType('Problem', error);
    for (const media of includes?.media ?? []) this.#expectOfType('Media', media);
  }

  /** What is wrong with values of a named schema (`RulesLookupResponse`), as sentences; empty when nothing is. For lines of streams and parts of answers. */
  validator(schema: string): (value: unknown) => string[] {
    return (value) =>
      this.#faults(`#/components/schemas/${schema}`, value).map(
        ({ instancePath, message }) => `${instancePath} ${message}`,
      );
  }

  #expectOfType(name: 'Problem' | 'Media', object: unknown): void {
    const mapping = this.#openApi.components.schemas[name]?.discriminator?.mapping;
    const type = (object as { type: string }).type;
    const pointer = mapping === undefined ? `#/components/schemas/${name}` : mapping[type];
    ok(pointer !== undefined, `a ${name} of type ${type}`);
    deepStrictEqual(this.#faults(pointer, object), [], JSON.stringify(object));
  }

  #schemaOf(method: string, path: string, status: number): { pointer: string; isProblem: boolean } {
    const pattern = Object.keys(this.#openApi.paths)
      .filter((candidate) => fits(candidate, path))
      .toSorted((a, b) => a.split('{').length - b.split('{').length)[0];
    ok(pattern !== undefined, `${path} is not in the specification`);
    const operation = this.#openApi.paths[pattern]?.[method.toLowerCase()];
    ok(operation !== undefined, `${method} ${path} is not in the specification`);
    const answer = operation.responses[String(status)]?.content?.['application/json'];
    // Refusals are problems, which recordings show as plain JSON.
    if (answer === undefined) return { pointer: '#/components/schemas/Problem', isProblem: true };
    const parts = ['paths', pattern, method.toLowerCase(), 'responses', String(status), 'content'];
    const escaped = [...parts, 'application/json', 'schema'].map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    return { pointer: `#/${escaped.join('/')}`, isProblem: false };
  }

  #faults(pointer: string, value: unknown): ErrorObject[] {
    let validate = this.#compiled.get(pointer);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: `openapi${pointer}` });
      this.#compiled.set(pointer, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []);
  }
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return false;
  return wanted.every((part, n) => part === given[n] || (part.startsWith('{') && given[n] !== ''));
}
