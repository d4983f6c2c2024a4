import { Button } from '@mantine/core';
import { geoEquirectangular } from 'd3-geo';
import { type PointerEvent, useState } from 'react';
import { worldPaths } from '../../../components/world.ts';
import { formatCount } from '../../../format.ts';
import {
  boxBetween,
  cornersOf,
  type MapView,
  moved,
  type Point,
  pointAt,
  sidesKm,
  wholeWorld,
  zoomed,
} from '../map-view.ts';
import classes from './box-map.module.css';

const { sea, graticule, land } = worldPaths(
  geoEquirectangular()
    .scale(180 / Math.PI)
    .translate([180, 90]),
);
/** Less than this part of the map is a click, not a box. */
const CLICK = 0.01;

/** A map of the world to draw boxes on: dragging draws one, a click chooses its middle. Whoever uses no pointer types the place below. */
export function BoxMap({
  boxes,
  middle,
  onBox,
  onMiddle,
}: {
  boxes: readonly string[];
  middle: Point | undefined;
  onBox: (box: string) => void;
  onMiddle: (point: Point) => void;
}) {
  const [view, setView] = useState(wholeWorld);
  const [drag, setDrag] = useState<{ from: Point; to: Point }>();
  const at = ({ clientX, clientY, currentTarget }: PointerEvent<SVGSVGElement>) => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    return pointAt(view, (clientX - left) / width, (clientY - top) / height);
  };
  const end = (event: PointerEvent<SVGSVGElement>) => {
    if (drag === undefined) return;
    const to = at(event);
    setDrag(undefined);
    const isClick =
      Math.abs(to.longitude - drag.from.longitude) < view.width * CLICK &&
      Math.abs(to.latitude - drag.from.latitude) < view.width * CLICK;
    const box = boxBetween(drag.from, to);
    if (isClick || box === undefined) return onMiddle(to);
    onBox(box);
  };
  const size = drag === undefined ? undefined : sidesKm(drag.from, drag.to);
  return (
    <div className={classes.frame}>
      <svg
        className={classes.map}
        viewBox={`${view.west + 180} ${90 - view.north} ${view.width} ${view.width / 2}`}
        role="img"
        aria-label={`Map of the world with ${boxes.length === 1 ? '1 box' : `${boxes.length} boxes`}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const from = at(event);
          setDrag({ from, to: from });
        }}
        onPointerMove={(event) => {
          if (drag !== undefined) setDrag({ ...drag, to: at(event) });
        }}
        onPointerUp={end}
        onPointerCancel={() => setDrag(undefined)}
      >
        <path d={sea} className={classes.sea} />
        <path d={graticule} className={classes.graticule} />
        <path d={land} className={classes.land} />
        {boxes.map((box) => (
          <Box key={box} box={box} />
        ))}
        {drag !== undefined && <Box box={boxBetween(drag.from, drag.to) ?? ''} />}
        {middle !== undefined && (
          <circle
            className={classes.middle}
            cx={middle.longitude + 180}
            cy={90 - middle.latitude}
            r={view.width / 120}
          />
        )}
      </svg>
      <div className={classes.tools}>
        <Button size="compact-sm" variant="default" onClick={() => setView(zoomed(view, 0.5, middle))}>
          Nearer
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={view.width >= 360}
          onClick={() => setView(zoomed(view, 2))}
        >
          Farther
        </Button>
        {ways.map(({ name, sign, right, down }) => (
          <Button
            key={name}
            size="compact-sm"
            variant="default"
            aria-label={`Move ${name}`}
            disabled={view.width >= 360}
            onClick={() => setView(moved(view, right, down))}
          >
            {sign}
          </Button>
        ))}
        <span className={classes.said} aria-live="polite">
          {size === undefined
            ? `Click a place, come nearer, and drag to draw a box around it. The map is ${formatCount(Math.round(across(view)))} km wide now.`
            : `${Math.round(size.wide)} × ${Math.round(size.high)} km`}
        </span>
      </div>
    </div>
  );
}

const ways = [
  { name: 'west', sign: '←', right: -1, down: 0 },
  { name: 'east', sign: '→', right: 1, down: 0 },
  { name: 'north', sign: '↑', right: 0, down: -1 },
  { name: 'south', sign: '↓', right: 0, down: 1 },
] as const;

function Box({ box }: { box: string }) {
  const corners = cornersOf(box);
  if (corners === undefined) return null;
  const { west, south, east, north } = corners;
  return (
    <rect
      className={classes.box}
      x={west + 180}
      y={90 - north}
      width={Math.max(0, east - west)}
      height={Math.max(0, north - south)}
    />
  );
}

/** Kilometres along its middle. */
function across(view: MapView): number {
  const from = pointAt(view, 0, 0.5);
  return sidesKm(from, { ...from, longitude: from.longitude + view.width }).wide;
}
