/** What is written after the posts of a page: the rest of the answer, and where the reading stands with it, so that a page that is on the disk is never bought again. */
import { z } from 'zod';
import type { PageFrames } from '../../capture/page-log.ts';
import type { ReadPage } from '../../platforms/read-adapter.ts';
import { pageFrames } from '../page-frames.ts';
import type { Sweep } from './sweep.ts';

const positionSchema = z.object({
  token: z.string().optional(),
  oldestId: z.string().optional(),
  newestId: z.string().optional(),
  skipTo: z.string().optional(),
});

export const sweepSchema = z.object({
  run: z.string(),
  sinceId: z.string().optional(),
  position: positionSchema,
  pages: z.number().int(),
  posts: z.number().int(),
  startedAt: z.string(),
  hadPosts: z.number().optional(),
  unread: z.object({ fromMs: z.number(), toMs: z.number() }).optional(),
});

const markerSchema = z.object({
  mistnet: z.object({ timeline: z.string(), url: z.string(), sweep: sweepSchema }),
});

export type PageMarker = { accountId: string; sweep: Sweep };

/** The frames of a page: a post each, then the marker with everything else that the answer held. */
export function framesOfPage(page: ReadPage, accountId: string, sweep: Sweep): PageFrames {
  return pageFrames(page, { timeline: accountId, url: page.url, sweep }, sweep.run);
}

/** The marker that a frame is; undefined for any other frame. */
export function readMarker(payload: Buffer): PageMarker | undefined {
  if (!payload.subarray(0, 64).toString('utf8').startsWith('{"mistnet":{"timeline":')) return undefined;
  try {
    const { mistnet } = markerSchema.parse(JSON.parse(payload.toString('utf8')));
    return { accountId: mistnet.timeline, sweep: mistnet.sweep as Sweep };
  } catch {
    return undefined; // written by a later version: its reading begins where the database says
  }
}
