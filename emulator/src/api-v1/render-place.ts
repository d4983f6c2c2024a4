import type { Coordinates, Place } from '../world/model.ts';

/** A `place`. Streams leave `contained_within` out and walk round the box the other way. */
export function renderPlace(place: Place, inStream: boolean): object {
  const [west, south, east, north] = place.box;
  const corners = inStream
    ? [
        [west, south],
        [west, north],
        [east, north],
        [east, south],
      ]
    : [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
      ];
  return {
    id: place.id,
    url: `https://api.twitter.com/1.1/geo/id/${place.id}.json`,
    place_type: place.kind,
    name: place.name,
    full_name: place.fullName,
    country_code: place.countryCode,
    country: place.country,
    ...(!inStream && { contained_within: [] }),
    bounding_box: { type: 'Polygon', coordinates: [corners] },
    attributes: {},
  };
}

/** `geo` (the old one: latitude first) and `coordinates` (longitude first). */
export function renderPoint(point: Coordinates | undefined): { geo: object | null; coordinates: object | null } {
  if (point === undefined) return { geo: null, coordinates: null };
  const { latitude, longitude } = point;
  return {
    geo: { type: 'Point', coordinates: [latitude, longitude] },
    coordinates: { type: 'Point', coordinates: [longitude, latitude] },
  };
}
