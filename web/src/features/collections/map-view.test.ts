import { describe, expect, it } from 'vitest';
import { boxBetween, cornersOf, moved, pointAt, sidesKm, wholeWorld, zoomed } from './map-view.ts';

describe('the map for places', () => {
  it('comes nearer around a point and never leaves the world', () => {
    const vienna = { longitude: 16.37, latitude: 48.2 };
    const near = zoomed(zoomed(wholeWorld, 0.5, vienna), 0.5, vienna);
    expect(near.width).toBe(90);
    expect(pointAt(near, 0.5, 0.5).longitude).toBeCloseTo(16.37);
    expect(pointAt(near, 0.5, 0.5).latitude).toBeCloseTo(48.2);
    expect(zoomed(near, 64)).toEqual(wholeWorld);
    expect(moved(moved(near, -1, 0), -1, 0).west).toBeGreaterThanOrEqual(-180);
    let view = near;
    for (let at = 0; at < 20; at++) view = moved(view, 1, 1);
    expect(view).toEqual({ west: 90, north: -45, width: 90 });
    expect(zoomed(view, 1 / 10_000).width).toBeGreaterThan(1);
  });

  it('draws a box whichever way it is dragged, and none of a line', () => {
    const [a, b] = [
      { longitude: 16.6, latitude: 47.95 },
      { longitude: 16.9, latitude: 47.7 },
    ];
    expect(boxBetween(a, b)).toBe('16.6,47.7,16.9,47.95');
    expect(boxBetween(b, a)).toBe('16.6,47.7,16.9,47.95');
    expect(boxBetween(a, { ...b, longitude: 16.6 })).toBeUndefined();
    expect(cornersOf('16.6,47.7,16.9,47.95')).toEqual({ west: 16.6, south: 47.7, east: 16.9, north: 47.95 });
    expect([cornersOf('here'), cornersOf('1,2,3')]).toEqual([undefined, undefined]);
    const { wide, high } = sidesKm(a, b);
    expect([Math.round(wide), Math.round(high)]).toEqual([22, 28]);
  });
});
