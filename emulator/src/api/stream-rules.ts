import {
  DUPLICATE_RULE,
  INVALID_RULE,
  invalidRequest,
  type ParameterError,
  RULES_CAP_EXCEEDED,
  wrongNames,
} from './problems.ts';
import type { RuleBook, StreamRule } from './rule-book.ts';
import { readRulesRequest } from './rules-request.ts';
import type { FaceParts } from '../face-parts.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import { parseQuery } from '../query/parse-query.ts';
import { QueryError } from '../query/query-error.ts';
import { postId } from '../world/ids.ts';

const PATH = '/2/tweets/search/stream/rules';
const MOST_PER_PAGE = 1000;
/** Room for the largest set of rules that any level allows, in one request. */
const MOST_BODY_BYTES = 64 * 1024 * 1024;
const COUNT_FIELDS = [
  'all_project_client_apps',
  'cap_per_client_app',
  'cap_per_project',
  'client_app_rules_count',
  'project_rules_count',
] as const;

/** The rules of the filtered stream: list, add, delete, count. */
export function streamRulesRoutes(parts: FaceParts): Route[] {
  const makeId = ruleIds(parts.clock.now);
  const shared = { callers: ['app'], dialect: V2 } as const;
  return [
    { method: 'GET', path: PATH, ...shared, handle: (exchange) => listRules(exchange, parts) },
    {
      method: 'POST',
      path: PATH,
      ...shared,
      maxBodyBytes: MOST_BODY_BYTES,
      handle: (exchange) => changeRules(exchange, parts, makeId),
    },
    { method: 'GET', path: `${PATH}/counts`, ...shared, handle: (exchange) => countRules(exchange, parts) },
  ];
}

function listRules(exchange: Exchange, parts: FaceParts): Answer {
  const query = exchange.url.searchParams;
  const errors = wrongNames(query, ['ids', 'max_results', 'pagination_token']);
  const ids = query
    .getAll('ids')
    .flatMap((list) => list.split(','))
    .filter((id) => id !== '');
  const wrongId = ids.find((id) => !/^\d{1,19}$/.test(id));
  if (wrongId !== undefined) {
    const message = `The \`ids\` query parameter value [${wrongId}] is not valid`;
    errors.push({ parameters: { ids: query.getAll('ids') }, message });
  } else if (ids.length > MOST_PER_PAGE) {
    const message = `The number of values in the \`ids\` query parameter list [${ids.length}] is not between 1 and ${MOST_PER_PAGE}`;
    errors.push({ parameters: { ids: query.getAll('ids') }, message });
  }
  const size = query.get('max_results') ?? String(MOST_PER_PAGE);
  const most = /^\d{1,9}$/.test(size) ? Number(size) : 0;
  if (most < 1 || most > MOST_PER_PAGE) {
    const message = `The \`max_results\` query parameter value [${size}] is not between 1 and ${MOST_PER_PAGE}`;
    errors.push({ parameters: { max_results: [size] }, message });
  }
  const token = query.get('pagination_token');
  const after = token === null ? 0n : idOfToken(token);
  if (after === undefined) {
    const message = `The \`pagination_token\` query parameter value [${token}] is not valid`;
    errors.push({ parameters: { pagination_token: [token ?? ''] }, message });
  }
  if (errors.length > 0 || after === undefined) return invalidRequest(errors);
  const wanted = new Set(ids);
  const left = [...bookOf(exchange, parts).list()].filter(
    ({ id }) => (ids.length === 0 || wanted.has(id)) && BigInt(id) > after,
  );
  const page = left.slice(0, most);
  const last = page.at(-1);
  const meta = {
    sent: sentAt(parts),
    result_count: page.length,
    ...(last !== undefined && left.length > page.length && { next_token: tokenOfId(last.id) }),
  };
  const data = page.map(({ id, value, tag }) => ({ id, value, ...(tag !== undefined && { tag }) }));
  const isShown = data.length > 0 || parts.choices['no-rules'] === 'empty';
  return { status: 200, body: { ...(isShown && { data }), meta } };
}

async function changeRules(exchange: Exchange, parts: FaceParts, makeId: () => string): Promise<Answer> {
  const query = exchange.url.searchParams;
  const errors = wrongNames(query, ['dry_run', 'delete_all']);
  const [dryRun, deleteAll] = ['dry_run', 'delete_all'].map((name) => readSwitch(query, name, errors));
  if (errors.length > 0) return invalidRequest(errors);
  const book = bookOf(exchange, parts);
  if (deleteAll === true) return deleteRules([...book.list()], 0, book, parts, dryRun === true);
  const read = readRulesRequest(await exchange.body());
  if (!read.ok) return invalidRequest(read.errors);
  if ('add' in read.request) return addRules(read.request.add, book, parts, makeId, dryRun === true);
  const { ids, values } = read.request.delete;
  const found = [...ids.map((id) => book.get(id)), ...values.map((value) => book.findByValue(value.trim()))];
  const known = new Set(found.filter((rule) => rule !== undefined));
  return deleteRules([...known], found.length - known.size, book, parts, dryRun === true);
}

/** When a rule can't be read none is added, unless chosen otherwise; a rule that is there already keeps only itself out. */
function addRules(
  wanted: readonly { readonly value: string; readonly tag: string | undefined }[],
  book: RuleBook,
  parts: FaceParts,
  makeId: () => string,
  dryRun: boolean,
): Answer {
  const { rules: most, stream: limits } = parts.access.queries;
  const invalid: object[] = [];
  const duplicate: object[] = [];
  const added = new Map<string, StreamRule>();
  for (const { value: written, tag } of wanted) {
    const value = written.trim();
    try {
      parseQuery(value, 'stream', limits);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      invalid.push({ value: written, details: error.details, ...INVALID_RULE });
      continue;
    }
    const same = book.findByValue(value) ?? added.get(value);
    if (same !== undefined) duplicate.push({ value: written, id: same.id, ...DUPLICATE_RULE });
    else added.set(value, { id: makeId(), value, tag });
  }
  const valid = added.size;
  const { choices } = parts;
  const isRefused = invalid.length > 0 && (valid === 0 || choices['broken-rule'] === 'refuses-all');
  if (!isRefused && book.size + valid > most)
    return { ...RULES_CAP_EXCEEDED, status: Number(choices['rule-cap-status']) };
  const created = isRefused ? [] : [...added.values()];
  if (!dryRun) {
    book.change(created, [], limits);
    for (const stream of parts.streams) stream.wake();
  }
  const showsIds = !dryRun || choices['dry-run-ids'] === 'shown';
  const data = created.map(({ id, value, tag }) => ({
    value,
    ...(tag !== undefined && { tag }),
    ...(showsIds && { id }),
  }));
  const isDuplicateValid = choices['duplicate-rule-counts-as'] === 'valid';
  const summary = {
    created: created.length,
    not_created: wanted.length - created.length,
    valid: valid + (isDuplicateValid ? duplicate.length : 0),
    invalid: invalid.length + (isDuplicateValid ? 0 : duplicate.length),
  };
  const problems = [...invalid, ...duplicate];
  return {
    status: isRefused ? 400 : created.length > 0 ? 201 : Number(choices['duplicate-rule-status']),
    body: {
      ...(data.length > 0 && { data }),
      meta: { sent: sentAt(parts), summary },
      ...(problems.length > 0 && { errors: problems }),
    },
  };
}

function deleteRules(
  rules: readonly StreamRule[],
  missing: number,
  book: RuleBook,
  parts: FaceParts,
  dryRun: boolean,
): Answer {
  if (!dryRun) book.change([], rules, parts.access.queries.stream);
  const meta = { sent: sentAt(parts), summary: { deleted: rules.length, not_deleted: missing } };
  const unknown = invalidRequest([{ parameters: {}, message: 'Rule does not exist' }]).body;
  return {
    status: 200,
    body: { meta, ...(missing > 0 && { errors: Array.from({ length: missing }, () => unknown) }) },
  };
}

function countRules(exchange: Exchange, parts: FaceParts): Answer {
  const query = exchange.url.searchParams;
  const errors = wrongNames(query, ['rules_count.fields']);
  const fields = query
    .getAll('rules_count.fields')
    .flatMap((list) => list.split(','))
    .filter((field) => field !== '');
  const known: readonly string[] = COUNT_FIELDS;
  const unknown = fields.find((field) => !known.includes(field));
  if (unknown !== undefined) {
    const message = `The \`rules_count.fields\` query parameter value [${unknown}] is not one of [${known.join(',')}]`;
    errors.push({ parameters: { 'rules_count.fields': query.getAll('rules_count.fields') }, message });
  }
  if (errors.length > 0) return invalidRequest(errors);
  const count = bookOf(exchange, parts).size;
  const own = { client_app_id: appOf(exchange), rule_count: count };
  // Specification 2.167 writes these sums as text.
  const told = (sum: number | undefined): number | string | undefined =>
    sum === undefined || parts.vocabulary === '2.166' ? sum : String(sum);
  const cap = told(parts.access.queries.rules);
  const all: Record<(typeof COUNT_FIELDS)[number], unknown> = {
    all_project_client_apps: [own],
    cap_per_client_app: cap,
    cap_per_project: cap,
    client_app_rules_count: own,
    project_rules_count: told(count),
  };
  const shown = COUNT_FIELDS.filter((field) => fields.length === 0 || fields.includes(field));
  return { status: 200, body: { data: Object.fromEntries(shown.map((field) => [field, all[field]])) } };
}

/** Ids grow with time and with each rule, as those of posts do. */
function ruleIds(now: () => number): () => string {
  let last = { at: 0, slot: 0 };
  return () => {
    const at = Math.max(now(), last.at);
    last = { at, slot: at === last.at ? last.slot + 1 : 0 };
    return postId(last);
  };
}

function bookOf(exchange: Exchange, parts: FaceParts): RuleBook {
  return parts.rules.of(appOf(exchange));
}

function appOf({ caller }: Exchange): string {
  return caller.kind === 'nobody' ? '' : caller.app.id;
}

function sentAt({ clock }: FaceParts): string {
  return new Date(clock.now()).toISOString();
}

/** 13 digits of base 32, which an id fits into, and three letters that are none. */
function tokenOfId(id: string): string {
  return `${BigInt(id).toString(32).toUpperCase().padStart(13, '0')}ZZZ`;
}

function idOfToken(token: string): bigint | undefined {
  const [, digits] = /^([0-9A-V]{13})ZZZ$/.exec(token) ?? [];
  if (digits === undefined) return undefined;
  let id = 0n;
  for (const digit of digits) id = id * 32n + BigInt(Number.parseInt(digit, 32));
  return id;
}

function readSwitch(query: URLSearchParams, name: string, errors: ParameterError[]): boolean {
  const given = query.get(name) ?? 'false';
  // Tweepy writes True.
  const value = given.toLowerCase();
  if (value !== 'true' && value !== 'false') {
    const message = `The \`${name}\` query parameter value [${given}] is not one of [true,false]`;
    errors.push({ parameters: { [name]: [given] }, message });
  }
  return value === 'true';
}
