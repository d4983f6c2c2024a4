/** The outline of the world for maps: our own file, nothing is fetched from elsewhere. Import it lazily: it is large. */
import { type GeoProjection, geoGraticule10, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import world from 'world-atlas/land-110m.json';

const topology = world as unknown as Parameters<typeof feature>[0];
const landShape = feature(topology, topology.objects.land as never);
const graticuleShape = geoGraticule10();

/** Paths of an SVG. */
export function worldPaths(projection: GeoProjection): { sea: string; graticule: string; land: string } {
  const path = geoPath(projection).digits(2);
  return {
    sea: path({ type: 'Sphere' }) ?? '',
    graticule: path(graticuleShape) ?? '',
    land: path(landShape) ?? '',
  };
}
