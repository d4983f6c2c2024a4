import { bothIds } from './exact-number.ts';
import type { PartLink } from '../api/render-text.ts';
import type { Media, Post, World } from '../world/model.ts';

type Size = { w: number; h: number; resize: 'fit' | 'crop' };

const BITRATES: readonly (readonly [bitrate: number, shortSide: number])[] = [
  [288_000, 270],
  [832_000, 360],
  [2_176_000, 720],
];

export interface MediaOptions {
  /** `include_ext_alt_text`: say what a blind reader is told. */
  readonly altText: boolean;
  /** The post that brought the media, when it isn't the one that shows them. */
  readonly source: Post | undefined;
  /** Streams have an order of keys of their own. */
  readonly inStream: boolean;
}

/** One of `entities.media`, where videos look like photos. */
export function mediaEntity(
  world: World,
  media: Media,
  link: PartLink,
  indices: readonly number[],
  { source }: MediaOptions,
): object {
  return {
    ...place(media, link, indices),
    type: 'photo',
    sizes: sizesOf(media),
    ...(source !== undefined && sourceOf(world, source)),
  };
}

/** One of `extended_entities.media`, with its true kind and what can be played. */
export function extendedMedia(
  world: World,
  media: Media,
  link: PartLink,
  indices: readonly number[],
  { source, altText, inStream }: MediaOptions,
): object {
  const type = media.kind === 'animation' ? 'animated_gif' : media.kind;
  const sizes = sizesOf(media);
  const from = source === undefined ? {} : sourceOf(world, source);
  const played = media.kind === 'photo' ? {} : { video_info: videoOf(media) };
  const more = media.kind === 'video' ? { additional_media_info: { monetizable: false } } : {};
  const { id, id_str, ...address } = place(media, link, indices);
  if (inStream) {
    const { indices: span, ...rest } = address;
    return { id, id_str, indices: span, ...more, ...rest, type, ...played, sizes, ...from };
  }
  const alternative = altText ? { ext_alt_text: media.alternativeText ?? null } : {};
  return { id, id_str, ...address, type, sizes, ...from, ...played, ...alternative, ...more };
}

function place(media: Media, link: PartLink, indices: readonly number[]) {
  const path = `pbs.twimg.com/${pictureOf(media)}`;
  const kind = media.kind === 'video' ? 'video' : 'photo';
  return {
    ...bothIds(media.id),
    indices,
    media_url: `http://${path}`,
    media_url_https: `https://${path}`,
    url: `https://t.co/${link.code}`,
    display_url: link.display,
    expanded_url: link.address.replace(/\/photo\/1$/, `/${kind}/1`),
  };
}

function pictureOf({ kind, id }: Media): string {
  if (kind === 'photo') return `media/${id}.jpg`;
  return kind === 'video' ? `ext_tw_video_thumb/${id}/pu/img/${id}.jpg` : `tweet_video_thumb/${id}.jpg`;
}

function sizesOf({ width, height }: Media): Record<'thumb' | 'small' | 'medium' | 'large', Size> {
  const fit = (most: number): Size => {
    const scale = Math.min(1, most / Math.max(width, height));
    return { w: Math.round(width * scale), h: Math.round(height * scale), resize: 'fit' };
  };
  return { thumb: { w: 150, h: 150, resize: 'crop' }, small: fit(680), medium: fit(1200), large: fit(2048) };
}

function sourceOf(world: World, { id, author }: Post): object {
  const user = world.account(author).id;
  const status = bothIds(id);
  const account = bothIds(user);
  return {
    source_status_id: status.id,
    source_status_id_str: id,
    source_user_id: account.id,
    source_user_id_str: user,
  };
}

function videoOf({ id, kind, width, height, durationMs }: Media): object {
  const divisor = greatestCommonDivisor(width, height);
  const aspect_ratio = [width / divisor, height / divisor];
  if (kind === 'animation') {
    const url = `https://video.twimg.com/tweet_video/${id}.mp4`;
    return { aspect_ratio, variants: [{ bitrate: 0, content_type: 'video/mp4', url }] };
  }
  const base = `https://video.twimg.com/ext_tw_video/${id}/pu`;
  const files = BITRATES.map(([bitrate, shortSide]) => {
    const scale = shortSide / Math.min(width, height);
    const size = `${Math.round(width * scale)}x${Math.round(height * scale)}`;
    return { bitrate, content_type: 'video/mp4', url: `${base}/vid/${size}/${id}.mp4?tag=12` };
  });
  const playlist = { content_type: 'application/x-mpegURL', url: `${base}/pl/${id}.m3u8?tag=12` };
  return { aspect_ratio, duration_millis: durationMs ?? 0, variants: [playlist, ...files] };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
