import type { Fields } from '../field-names.ts';
import { isoSecond } from '../iso-second.ts';
import type { Media, Place, Poll, PostPlace } from '../../world/model.ts';

const KEY_PREFIXES = { photo: '3', video: '7', animation: '16' } as const;
const TYPES = { photo: 'photo', video: 'video', animation: 'animated_gif' } as const;

/** `3_1577012345678901248`: the kind's number and the id. */
export function mediaKey({ kind, id }: Media): string {
  return `${KEY_PREFIXES[kind]}_${id}`;
}

/** A v2 `media` object with just the fields asked for; media_key and type always. @param views of videos */
export function mediaObject(media: Media, { media: fields }: Fields, views: () => number): object {
  const { kind, width, height, alternativeText, durationMs, id } = media;
  const object: Record<string, unknown> = {};
  if (fields.has('height')) object['height'] = height;
  if (fields.has('alt_text') && alternativeText !== undefined) object['alt_text'] = alternativeText;
  object['media_key'] = mediaKey(media);
  if (fields.has('duration_ms') && durationMs !== undefined) object['duration_ms'] = durationMs;
  if (fields.has('public_metrics') && kind === 'video') object['public_metrics'] = { view_count: views() };
  if (fields.has('width')) object['width'] = width;
  const picture = pictureName(id);
  if (fields.has('url') && kind === 'photo') object['url'] = `https://pbs.twimg.com/media/${picture}.jpg`;
  if (fields.has('preview_image_url') && kind !== 'photo') object['preview_image_url'] = previewAddress(media, picture);
  if (fields.has('variants') && kind !== 'photo') object['variants'] = variantsOf(media, picture);
  object['type'] = TYPES[kind];
  return object;
}

function previewAddress({ kind, id }: Media, picture: string): string {
  if (kind === 'animation') return `https://pbs.twimg.com/tweet_video_thumb/${picture}.jpg`;
  return `https://pbs.twimg.com/ext_tw_video_thumb/${id}/pu/img/${picture}.jpg`;
}

function variantsOf({ kind, id, width, height }: Media, picture: string): object[] {
  const content_type = 'video/mp4';
  if (kind === 'animation') {
    return [{ bit_rate: 0, content_type, url: `https://video.twimg.com/tweet_video/${picture}.mp4` }];
  }
  const base = `https://video.twimg.com/ext_tw_video/${id}/pu`;
  const sizes = [
    [256_000, 4],
    [832_000, 2],
    [2_176_000, 1],
  ] as const;
  return [
    { content_type: 'application/x-mpegURL', url: `${base}/pl/${picture}.m3u8?tag=12` },
    ...sizes.map(([bit_rate, part]) => {
      const size = `${Math.floor(width / part)}x${Math.floor(height / part)}`;
      return { bit_rate, content_type, url: `${base}/vid/${size}/${picture}.mp4?tag=12` };
    }),
  ];
}

/** Fifteen letters, digits, `-` and `_`, as in the names of pictures. */
function pictureName(id: string): string {
  const bytes = Buffer.alloc(11);
  bytes.writeBigUInt64BE(BigInt(id), 0);
  return bytes.toString('base64url').slice(0, 15);
}

/** A v2 `poll` object; id and options always. @param votes per option */
export function pollObject(poll: Poll, votes: readonly number[], { poll: fields }: Fields, at: number): object {
  const object: Record<string, unknown> = {
    id: poll.id,
    options: poll.options.map((label, n) => ({ position: n + 1, label, votes: votes[n] ?? 0 })),
  };
  if (fields.has('voting_status')) object['voting_status'] = at < poll.closesAt ? 'open' : 'closed';
  if (fields.has('duration_minutes')) object['duration_minutes'] = poll.durationMinutes;
  if (fields.has('end_datetime')) object['end_datetime'] = isoSecond(poll.closesAt);
  return object;
}

/** A v2 `place` object; id and full_name always. */
export function placeObject(place: Place, { place: fields }: Fields): object {
  const object: Record<string, unknown> = { id: place.id };
  if (fields.has('place_type')) object['place_type'] = place.kind;
  if (fields.has('geo')) object['geo'] = { type: 'Feature', bbox: [...place.box], properties: {} };
  if (fields.has('country')) object['country'] = place.country;
  if (fields.has('name')) object['name'] = place.name;
  if (fields.has('country_code')) object['country_code'] = place.countryCode;
  object['full_name'] = place.fullName;
  return object;
}

/** The `geo` of a post; undefined where nobody told, or it was taken back. */
export function geoOf(told: PostPlace | undefined): object | undefined {
  if (told === undefined) return undefined;
  const { place, coordinates } = told;
  if (coordinates === undefined) return { place_id: place.id };
  const point = { type: 'Point', coordinates: [coordinates.longitude, coordinates.latitude] };
  return { coordinates: point, place_id: place.id };
}
