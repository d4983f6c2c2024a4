import type { ExportFormat, ExportRequest, PresetName } from '../export-request.ts';
import type { Column, Preset } from './column.ts';
import { full } from './full.ts';
import { sample } from './sample.ts';
import { sfm } from './sfm.ts';

const presets: Record<PresetName, Preset> = { full, sfm, sample };

const lines: Partial<Record<ExportFormat, readonly Column[]>> = {
  ids: [
    {
      name: 'id',
      kind: 'id',
      description: "The post's id; a line has nothing else",
      example: '2102055757879968480',
      value: ({ stored }) => stored.postId,
    },
  ],
  jsonl: [
    {
      name: 'payload',
      kind: 'json',
      description:
        'A line is what the platform sent, as it was first received; line breaks between its parts, which mean nothing in JSON, are blanks',
      example: '{"data":{"id":"2102055757879968480","text":"…"}}',
      value: ({ stored }) => stored.payload.toString(),
    },
  ],
};

/** The columns of an export in their order; a format without columns has one, its line. */
export function presetOf({ format, preset }: Pick<ExportRequest, 'format' | 'preset'>): Preset {
  const columns = lines[format];
  return columns === undefined ? presets[preset] : { description: 'a line a post', columns };
}
