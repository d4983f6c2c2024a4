import type { ParameterError } from './problems.ts';

/** What a rules body asks for, as it was written. */
export type RulesRequest =
  | { readonly add: readonly { readonly value: string; readonly tag: string | undefined }[] }
  | { readonly delete: { readonly ids: readonly string[]; readonly values: readonly string[] } };

type Read = { ok: true; request: RulesRequest } | { ok: false; errors: readonly ParameterError[] };

/** Reads the body of `POST /2/tweets/search/stream/rules`. Errors are in the words of the platform's schema check, all at once. */
export function readRulesRequest(body: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The one who asked is told.
    return wrong('The request body is not valid JSON.');
  }
  if (!isObject(value)) return wrong(`$: ${kindOf(value)} found, object expected`);
  const hasAdd = 'add' in value;
  const hasDelete = 'delete' in value;
  if (!hasAdd && !hasDelete)
    return wrong('$.add: is missing but it is required', '$.delete: is missing but it is required');
  if (hasAdd && hasDelete) return wrong('$: should be valid to one and only one of the schemas');
  const errors = others(value, '$', ['add', 'delete']);
  return hasAdd ? readAdd(value['add'], errors) : readDelete(value['delete'], errors);
}

function readAdd(value: unknown, errors: string[]): Read {
  if (!Array.isArray(value)) return wrong(...errors, `$.add: ${kindOf(value)} found, array expected`);
  if (value.length === 0) return wrong(...errors, '$.add: there must be a minimum of 1 items in the array');
  const add = value.map((rule: unknown, n) => {
    const at = `$.add[${n}]`;
    if (!isObject(rule)) {
      errors.push(`${at}: ${kindOf(rule)} found, object expected`);
      return { value: '', tag: undefined };
    }
    errors.push(...others(rule, at, ['value', 'tag']));
    const tag = rule['tag'] === null ? undefined : rule['tag'];
    if (rule['value'] === undefined) errors.push(`${at}.value: is missing but it is required`);
    else if (typeof rule['value'] !== 'string')
      errors.push(`${at}.value: ${kindOf(rule['value'])} found, string expected`);
    if (tag !== undefined && typeof tag !== 'string') errors.push(`${at}.tag: ${kindOf(tag)} found, string expected`);
    return { value: String(rule['value']), tag: typeof tag === 'string' ? tag : undefined };
  });
  return errors.length > 0 ? wrong(...errors) : { ok: true, request: { add } };
}

function readDelete(value: unknown, errors: string[]): Read {
  if (!isObject(value)) return wrong(...errors, `$.delete: ${kindOf(value)} found, object expected`);
  errors.push(...others(value, '$.delete', ['ids', 'values']));
  const list = (name: 'ids' | 'values'): string[] => {
    const items = value[name];
    if (items === undefined) return [];
    if (!Array.isArray(items)) {
      errors.push(`$.delete.${name}: ${kindOf(items)} found, array expected`);
      return [];
    }
    return items.map((item: unknown, n) => {
      if (typeof item !== 'string') errors.push(`$.delete.${name}[${n}]: ${kindOf(item)} found, string expected`);
      else if (name === 'ids' && !/^\d{1,19}$/.test(item)) {
        errors.push(`$.delete.ids[${n}]: does not match the regex pattern ^[0-9]{1,19}$`);
      }
      return String(item);
    });
  };
  const ids = list('ids');
  const values = list('values');
  if (errors.length === 0 && ids.length + values.length === 0) {
    errors.push('$.delete.ids: there must be a minimum of 1 items in the array');
  }
  return errors.length > 0 ? wrong(...errors) : { ok: true, request: { delete: { ids, values } } };
}

function wrong(...messages: string[]): Read {
  return { ok: false, errors: messages.map((message) => ({ parameters: {}, message })) };
}

function others(value: Record<string, unknown>, at: string, known: readonly string[]): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${at}.${key}: is not defined in the schema and the schema does not allow additional properties`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
