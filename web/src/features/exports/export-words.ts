/** What exports are called, how far they are, and how long they still take. */
import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../format.ts';
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
  for (const [key, words] of Object.entries(bounds))
    if (typeof request[key] === 'string')
      said.push(`${words} ${String(request[key]).replace(/T00:00:00(\.000)?Z$/, '')}`);
  if (request.honourDeletions === false) said.push('deleted posts too');
  return said.join(', ');
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
      : `${formatCount(rowsDone)} of ${formatQuantity(rowsTotal, 'row')}`;
  const size = formatBytes(bytesDone);
  if (nowMs === undefined || state !== 'running' || rowsTotal === null || rowsDone === 0 || startedAt === null)
    return `${rows}, ${size}`;
  const left = ((nowMs - Date.parse(startedAt)) / rowsDone) * (rowsTotal - rowsDone);
  return `${rows}, ${size}, about ${formatDuration(left)} to go`;
}
