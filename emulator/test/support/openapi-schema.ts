import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

const FILE = new URL('../../../../shared/reference/spec/x-openapi-2.166-2026-07-06.json', import.meta.url);
/** Where the platform's own description is; tests that need it skip, and say so, where it is absent. */
export const hasSpec = existsSync(FILE);

/** What is wrong with a value, as a schema of the platform's description sees it; empty when nothing is. */
export type Validator = (value: unknown) => string[];

/** @param name of a schema: `RulesLookupResponse` */
export function schemaValidator(name: string): Validator {
  const spec = JSON.parse(readFileSync(FILE, 'utf8')) as { components: object };
  const ajv = new Ajv({ strict: false, allErrors: true });
  // The package is CommonJS: its function is its own default.
  (addFormats as unknown as { default: (ajv: Ajv) => void }).default(ajv);
  ajv.addSchema({ $id: 'spec', components: spec.components });
  const validate = ajv.compile({ $ref: `spec#/components/schemas/${name}` });
  return (value) => {
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}
