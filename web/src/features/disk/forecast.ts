import type { DiskUsage } from '../../api/types.ts';
import { formatBytes, formatDuration, formatForecast } from '../../format.ts';

/** How long the free space lasts, with what that rests on; says so when nothing is known yet. */
export function forecastSentence({ bytesPerDay, fullInDays, paceSeconds }: DiskUsage): string {
  if (bytesPerDay === null) return 'How long it lasts is known once it was watched for a while.';
  const over = `over the last ${formatDuration(paceSeconds * 1000)}`;
  if (fullInDays === null) return `Nothing was added ${over}.`;
  return `Full in about ${formatForecast(fullInDays)}, growing ${formatBytes(bytesPerDay)} a day (measured ${over}).`;
}
