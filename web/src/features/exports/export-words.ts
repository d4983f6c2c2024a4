/** What exports are called, how far they are, and how long they still take. */
import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../format.ts';
import { FIRST_RATE_MS } from '../jobs/job-words.ts';
import type { Export } from './api/use-exports.ts';

export const stateWords: Record<Export['state'], { label: string; tone: 'good' | 'busy' | 'bad' | 'idle' }> = {
  queued: { label: 'Waiting', tone: 'busy' },
  running: { label: 'Being written', tone: 'busy' },
  done: { label: 'Done', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
  cancelled: { label: 'Cancelled', tone: 'idle' },
};

/** `csv of the collection demo, columns sfm, posted from 2026-01-01` */
export function describeRequest(request: Record<string, unknown>): string {
  const from = request.from as { kind?: string; name?: string; handle?: string | null; accountId?: string } | undefined;
  const subject =
    from?.kind === 'collection'
      ? `the collection ${from.name}`
      : from?.kind === 'set'
        ? `the set ${from.name}`
        : from?.kind === 'account'
          ? `@${from.handle ?? from.accountId}`
          : 'everything';
  const said = [`${String(request.format)} of ${subject}`];
  if (request.preset !== 'full' && request.format !== 'jsonl' && request.format !== 'ids')
    said.push(`columns ${String(request.preset)}`);
  const search = request.search as Record<string, unknown> | undefined;
  if (search !== undefined) said.push(`of these what a search finds by ${searchWords(search)}`);
  for (const [key, words] of Object.entries(bounds))
    if (typeof request[key] === 'string')
      said.push(`${words} ${String(request[key]).replace(/T00:00:00(\.000)?Z$/, '')}`);
  if (request.honourDeletions === false) said.push('deleted posts too');
  return said.join(', ');
}

function searchWords(search: Record<string, unknown>): string {
  return Object.entries(search)
    .map(([key, value]) => (key === 'text' ? wordsOf(value) : `${key} ${wordsOf(value)}`))
    .join(', ');
}

/** A word, a list of them, or a point with its radius. */
function wordsOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Object.values(value).join(' ');
  return typeof value === 'string' ? value : '';
}

const bounds = {
  postedFrom: 'posted from',
  postedTo: 'posted before',
  capturedFrom: 'captured from',
  capturedTo: 'captured before',
};

/** `12,000 of 48,000 rows, 3.1 MB, about 20 s to go` */
export function describeProgress(
  { state, rowsDone, rowsTotal, bytesDone, startedAt }: Export,
  nowMs: number | undefined,
): string {
  if (state === 'queued') return 'A worker takes it up within seconds.';
  const rows =
    rowsTotal === null
      ? formatQuantity(rowsDone, 'row')
      : rowsTotal === 0
        ? 'Nothing fits'
        : `${formatCount(rowsDone)} of ${formatQuantity(rowsTotal, 'row')}`;
  const size = formatBytes(bytesDone);
  if (nowMs === undefined || state !== 'running' || rowsTotal === null || rowsDone === 0 || startedAt === null)
    return `${rows}, ${size}`;
  const forMs = nowMs - Date.parse(startedAt);
  if (forMs < FIRST_RATE_MS) return `${rows}, ${size}`;
  const left = (forMs / rowsDone) * (rowsTotal - rowsDone);
  return `${rows}, ${size}, about ${formatDuration(left)} to go`;
}
