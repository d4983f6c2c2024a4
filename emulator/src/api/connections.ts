import { invalidRequest, type ParameterError, wrongNames } from './problems.ts';
import type { StreamEntry } from './open-streams.ts';
import type { FaceParts } from '../face-parts.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import type { EndReason } from '../truth.ts';

const ENDPOINTS: readonly string[] = [
  'filtered_stream',
  'sample_stream',
  'sample10_stream',
  'firehose_stream',
  'tweets_compliance_stream',
  'users_compliance_stream',
  'tweet_label_stream',
  'firehose_stream_lang_en',
  'firehose_stream_lang_ja',
  'firehose_stream_lang_ko',
  'firehose_stream_lang_pt',
  'likes_firehose_stream',
  'likes_sample10_stream',
  'likes_compliance_stream',
];
const FIELDS = ['client_ip', 'connected_at', 'disconnect_reason', 'disconnected_at', 'endpoint_name', 'id'] as const;
const STATUSES: readonly string[] = ['active', 'inactive', 'all'];
const PARAMETERS: readonly string[] = ['status', 'endpoints', 'max_results', 'pagination_token', 'connection.fields'];
const DEFAULT_PER_PAGE = 10;
const MOST_PER_PAGE = 100;
const MOST_KILLED = 100;

/** An app's own stream connections: what there is and was, and their ending by it. */
export function connectionRoutes(parts: FaceParts): Route[] {
  const shared = { callers: ['app'], dialect: V2 } as const;
  const open = (exchange: Exchange): StreamEntry[] => ownEntries(exchange, parts).filter(isOpen);
  return [
    { method: 'GET', path: '/2/connections', ...shared, handle: (exchange) => list(exchange, parts) },
    { method: 'DELETE', path: '/2/connections', ...shared, handle: (exchange) => killSome(exchange, open(exchange)) },
    { method: 'DELETE', path: '/2/connections/all', ...shared, handle: (exchange) => kill(open(exchange)) },
    {
      method: 'DELETE',
      path: '/2/connections/:endpoint_id',
      ...shared,
      handle: (exchange) => {
        const name = exchange.path['endpoint_id'] ?? '';
        if (!ENDPOINTS.includes(name))
          return invalidRequest([notOneOf('endpoint_id', [name], name, ENDPOINTS, 'path')]);
        return kill(open(exchange).filter(({ endpoint }) => endpoint === name));
      },
    },
  ];
}

function list(exchange: Exchange, parts: FaceParts): Answer {
  const query = exchange.url.searchParams;
  const errors = wrongNames(query, PARAMETERS);
  const status = query.get('status') ?? 'active';
  if (!STATUSES.includes(status)) errors.push(notOneOf('status', [status], status, STATUSES));
  const endpoints = listOf(query, 'endpoints', ENDPOINTS, errors);
  const fields = listOf(query, 'connection.fields', FIELDS, errors);
  const size = query.get('max_results') ?? String(DEFAULT_PER_PAGE);
  const most = /^\d{1,9}$/.test(size) ? Number(size) : 0;
  if (most < 1 || most > MOST_PER_PAGE) {
    const message = `The \`max_results\` query parameter value [${size}] is not between 1 and ${MOST_PER_PAGE}`;
    errors.push({ parameters: { max_results: [size] }, message });
  }
  const own = ownEntries(exchange, parts);
  const token = query.get('pagination_token');
  const before = token === null ? own.length : own.findIndex(({ uuid }) => uuid.replaceAll('-', '') === token);
  if (before < 0) {
    const message = `The \`pagination_token\` query parameter value [${token}] is not valid`;
    errors.push({ parameters: { pagination_token: [token ?? ''] }, message });
  }
  if (errors.length > 0) return invalidRequest(errors);
  // Newest first; the token names the last one shown, so that new connections move nothing.
  const found = own
    .slice(0, before)
    .toReversed()
    .filter((entry) => status === 'all' || (status === 'active') === isOpen(entry))
    .filter(({ endpoint }) => endpoints.length === 0 || endpoints.includes(endpoint));
  const page = found.slice(0, most);
  const last = page.at(-1);
  const more = last !== undefined && found.length > page.length ? { next_token: last.uuid.replaceAll('-', '') } : {};
  const data = page.map((entry) => show(entry, fields));
  return { status: 200, body: { ...(data.length > 0 && { data }), meta: { result_count: page.length, ...more } } };
}

/** `endpoint_name` and `connected_at` come always, the rest when asked for, or when nothing is asked for. */
function show(entry: StreamEntry, fields: readonly string[]): object {
  const { uuid, endpoint, clientIp, record } = entry;
  const hasEnded = !isOpen(entry);
  const wanted = (name: (typeof FIELDS)[number]): boolean => fields.length === 0 || fields.includes(name);
  return {
    ...(wanted('id') && { id: uuid }),
    endpoint_name: endpoint,
    connected_at: record.openedAt,
    ...(hasEnded && record.closedAt !== null && wanted('disconnected_at') && { disconnected_at: record.closedAt }),
    ...(hasEnded &&
      record.reason !== null &&
      wanted('disconnect_reason') && { disconnect_reason: REASONS[record.reason] }),
    ...(wanted('client_ip') && { client_ip: clientIp }),
  };
}

/** Only the first is the platform's own word. */
const REASONS: Readonly<Record<EndReason, string>> = {
  killed: 'operator_disconnect',
  disconnect: 'operational_disconnect',
  exhausted: 'usage_capped',
  'slow-reader': 'slow_reader',
  'end-of-span': 'complete',
  'end-of-replay': 'complete',
  'client-left': 'client_disconnect',
  stall: 'client_disconnect',
  'half-open': 'client_disconnect',
  cut: 'network_error',
  'half-line': 'network_error',
  shutdown: 'shutdown',
  error: 'internal_error',
};

async function killSome(exchange: Exchange, open: readonly StreamEntry[]): Promise<Answer> {
  const uuids = readUuids(await exchange.body());
  if ('message' in uuids) return invalidRequest([{ parameters: {}, message: uuids.message }]);
  const results = uuids.list.map((uuid) => {
    const entry = open.find((each) => each.uuid === uuid);
    if (entry === undefined) return { uuid, success: false, error_message: 'Connection not found' };
    end(entry);
    return { uuid, success: true };
  });
  return killed(results);
}

function readUuids(body: string): { list: readonly string[] } | { message: string } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The one who asked is told.
    return { message: 'The request body is not valid JSON.' };
  }
  const uuids: unknown = typeof value === 'object' && value !== null && 'uuids' in value ? value.uuids : undefined;
  if (uuids === undefined) return { message: '$.uuids: is missing but it is required' };
  if (!Array.isArray(uuids)) return { message: '$.uuids: array expected' };
  const list = uuids.filter((uuid) => typeof uuid === 'string');
  if (list.length < uuids.length) return { message: '$.uuids: string expected' };
  if (list.length === 0) return { message: '$.uuids: there must be a minimum of 1 items in the array' };
  if (list.length > MOST_KILLED)
    return { message: `$.uuids: there must be a maximum of ${MOST_KILLED} items in the array` };
  return { list };
}

function kill(entries: readonly StreamEntry[]): Answer {
  for (const entry of entries) end(entry);
  return killed(entries.map(({ uuid }) => ({ uuid, success: true })));
}

function killed(results: readonly { readonly success: boolean }[]): Answer {
  const successful = results.filter(({ success }) => success).length;
  const data = { successful_kills: successful, failed_kills: results.length - successful, results };
  return { status: 200, body: { data } };
}

function ownEntries({ caller }: Exchange, { streams }: FaceParts): StreamEntry[] {
  const app = caller.kind === 'nobody' ? '' : caller.app.id;
  return streams.entries.filter((entry) => entry.app === app && ENDPOINTS.includes(entry.endpoint));
}

/** As far as the platform knows: a client that has gone may go on taking a place. */
function isOpen({ record, slot }: StreamEntry): boolean {
  return record.closedAt === null || slot?.isHeld === true;
}

function end({ record, stream, slot }: StreamEntry): void {
  if (record.closedAt === null) stream.kill();
  else slot?.release(true);
}

function listOf(query: URLSearchParams, name: string, known: readonly string[], errors: ParameterError[]): string[] {
  const given = query.getAll(name);
  const values = given.flatMap((value) => value.split(',')).filter((value) => value !== '');
  const unknown = values.find((value) => !known.includes(value));
  if (unknown !== undefined) errors.push(notOneOf(name, given, unknown, known));
  return values;
}

function notOneOf(
  name: string,
  given: readonly string[],
  value: string,
  known: readonly string[],
  where = 'query',
): ParameterError {
  const message = `The \`${name}\` ${where} parameter value [${value}] is not one of [${known.join(',')}]`;
  return { parameters: { [name]: given }, message };
}
