/** Which part of a flat map of the world is seen, in degrees, and what is drawn on it. Pure. */

/** `west` and `north` are the upper left corner; `width` degrees wide and half as high. */
export type MapView = { west: number; north: number; width: number };
export type Point = { longitude: number; latitude: number };

export const wholeWorld: MapView = { west: -180, north: 90, width: 360 };
const NARROWEST = 1.40625;

/** Twice as near (`factor` 0.5) or as far (2) around a point, or around the middle; never beyond the world. */
export function zoomed({ west, north, width }: MapView, factor: number, around?: Point): MapView {
  const to = Math.min(360, Math.max(NARROWEST, width * factor));
  const { longitude, latitude } = around ?? { longitude: west + width / 2, latitude: north - width / 4 };
  return within({ west: longitude - to / 2, north: latitude + to / 4, width: to });
}

/** A quarter of what is seen further: `right` and `down` are -1, 0 or 1. */
export function moved({ west, north, width }: MapView, right: number, down: number): MapView {
  return within({ west: west + (right * width) / 4, north: north - (down * width) / 8, width });
}

function within({ west, north, width }: MapView): MapView {
  return {
    west: Math.min(180 - width, Math.max(-180, west)),
    north: Math.min(90, Math.max(-90 + width / 2, north)),
    width,
  };
}

/** The place at a part (0 to 1) of the width and of the height. */
export function pointAt({ west, north, width }: MapView, x: number, y: number): Point {
  const clamp = (part: number) => Math.min(1, Math.max(0, part));
  return { longitude: west + clamp(x) * width, latitude: north - (clamp(y) * width) / 2 };
}

const round = (degrees: number) => String(Math.round(degrees * 10_000) / 10_000);

/** `west,south,east,north` of two corners; undefined where they are the same line. */
export function boxBetween(a: Point, b: Point): string | undefined {
  const [west, east] = [Math.min(a.longitude, b.longitude), Math.max(a.longitude, b.longitude)];
  const [south, north] = [Math.min(a.latitude, b.latitude), Math.max(a.latitude, b.latitude)];
  const corners = [west, south, Math.min(east, 179.9999), north].map(round);
  return corners[0] === corners[2] || corners[1] === corners[3] ? undefined : corners.join(',');
}

/** Its corners in degrees; undefined for what is no box. */
export function cornersOf(box: string): { west: number; south: number; east: number; north: number } | undefined {
  const [west, south, east, north, ...more] = box.split(',').map(Number);
  if (west === undefined || south === undefined || east === undefined || north === undefined || more.length > 0)
    return undefined;
  return [west, south, east, north].every(Number.isFinite) ? { west, south, east, north } : undefined;
}

const KM_PER_DEGREE = 111.32;

/** How many kilometres a box is wide (in its middle) and high. */
export function sidesKm(a: Point, b: Point): { wide: number; high: number } {
  const middle = ((a.latitude + b.latitude) / 2) * (Math.PI / 180);
  return {
    wide: Math.abs(a.longitude - b.longitude) * KM_PER_DEGREE * Math.cos(middle),
    high: Math.abs(a.latitude - b.latitude) * KM_PER_DEGREE,
  };
}
