/** Where a post was written, as its payload says: a point, or the middle of the place that it names. */
import type { JsonObject } from '../read-adapter.ts';
import { isObject, list, object } from './json-values.ts';

/** Degrees. `exact`: the author shared a point; else it is the middle of a place, as wide as that is. */
export type PostPlace = { latitude: number; longitude: number; exact: boolean };

/** Undefined for payloads without coordinates, and for coordinates that are on no map. */
export function postPlace(payload: string): PostPlace | undefined {
  // Most posts have none, and reading JSON is what costs.
  if (!/"(?:coordinates|bbox|bounding_box)"/u.test(payload)) return undefined;
  const root = object(parse(payload));
  const data = isObject(root.data) ? root.data : root;
  const geo = object(data.geo);
  const point = object(geo.coordinates).coordinates ?? object(data.coordinates).coordinates;
  const exact = placeAt(point, true);
  if (exact !== undefined) return exact;
  const place = list(object(root.includes).places).find(({ id }) => id === geo.place_id) ?? {};
  return middleOf(object(place.geo).bbox ?? object(geo.geo).bbox) ?? middleOf(corners(object(data.place)));
}

/** West, south, east, north. A place across the date line has its east below its west. */
function middleOf(box: unknown): PostPlace | undefined {
  const [west, south, east, north] = numbers(box);
  if (west === undefined || south === undefined || east === undefined || north === undefined) return undefined;
  const across = east < west ? 360 : 0;
  const middle = (west + east + across) / 2;
  return placeAt([middle > 180 ? middle - 360 : middle, (south + north) / 2], false);
}

/** v1.1 names the corners of a place one by one. */
function corners(place: JsonObject): number[] | undefined {
  const ring = object(place.bounding_box).coordinates;
  const points = Array.isArray(ring) && Array.isArray(ring[0]) ? ring[0].map(numbers) : [];
  const longitudes = points.flatMap(([longitude]) => longitude ?? []);
  const latitudes = points.flatMap(([, latitude]) => latitude ?? []);
  if (longitudes.length === 0 || latitudes.length === 0) return undefined;
  return [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)];
}

function placeAt(point: unknown, exact: boolean): PostPlace | undefined {
  const [longitude, latitude] = numbers(point);
  if (longitude === undefined || latitude === undefined) return undefined;
  if (Math.abs(longitude) > 180 || Math.abs(latitude) > 90) return undefined;
  return { latitude, longitude, exact };
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined; // what is no JSON names no place
  }
}

function numbers(value: unknown): (number | undefined)[] {
  if (!Array.isArray(value)) return [];
  return value.map((part: unknown) => (typeof part === 'number' && Number.isFinite(part) ? part : undefined));
}
