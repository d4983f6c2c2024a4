/** What the files beside the data of an export are made of. */
import type { Gap } from '../capture/gap.ts';
import type { PostSelection } from '../store/export/selection.ts';
import type { Preset } from './columns/column.ts';
import type { FinishedFile } from './export-files.ts';
import type { ExportStats } from './export-manifest.ts';
import type { ExportRequest } from './export-request.ts';

export type DescribeOptions = {
  folder: string;
  name: string;
  version: string;
  request: ExportRequest;
  preset: Preset;
  asOf: string;
  total: number;
  selection: PostSelection;
  withdrawn: { reason: string; posts: number }[];
  parts: FinishedFile[];
  stats: ExportStats;
};

/** A gap and whose it is. */
export type CollectionGap = Gap & { collection: string };
