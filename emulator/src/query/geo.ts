import type { Box } from './ast.ts';

/** Longitude, latitude, in degrees. */
export type Point = readonly [number, number];

const EARTH_KM = 6371.0088;
const KM_PER_MILE = 1.609344;

/** Great-circle distance in kilometres. */
export function distanceKm([west, south]: Point, [east, north]: Point): number {
  const half = (degrees: number) => Math.sin((degrees * Math.PI) / 360) ** 2;
  const cosines = Math.cos((south * Math.PI) / 180) * Math.cos((north * Math.PI) / 180);
  const chord = half(north - south) + cosines * half(east - west);
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}

export function toKm(radius: number, unit: 'km' | 'mi'): number {
  return unit === 'mi' ? radius * KM_PER_MILE : radius;
}

/** Borders belong to a box. */
export function holdsPoint([west, south, east, north]: Box, [longitude, latitude]: Point): boolean {
  return longitude >= west && longitude <= east && latitude >= south && latitude <= north;
}

export function holdsBox(outer: Box, inner: Box): boolean {
  return cornersOf(inner).every((corner) => holdsPoint(outer, corner));
}

export function overlaps(one: Box, other: Box): boolean {
  return one[0] <= other[2] && other[0] <= one[2] && one[1] <= other[3] && other[1] <= one[3];
}

export function cornersOf([west, south, east, north]: Box): Point[] {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ];
}
