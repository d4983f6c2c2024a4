import { Link } from '@tanstack/react-router';
import { geoEqualEarth } from 'd3-geo';
import { DataTable } from '../../../components/data-table.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { worldPaths } from '../../../components/world.ts';
import { formatCount, formatQuantity } from '../../../format.ts';
import type { PostPlaces } from '../api/use-posts.ts';
import { around, changed, type SearchWords } from '../search-words.ts';
import classes from './post-map.module.css';

const WIDTH = 720;
const HEIGHT = 352;
const LARGEST = 22;
const SMALLEST = 2.5;

const projection = geoEqualEarth().fitSize([WIDTH, HEIGHT], { type: 'Sphere' });
const { sea, graticule, land } = worldPaths(projection);

/**
 * Where posts were written: a circle for each place, as large as posts are many there; the same as a table. Choosing one shows the posts around it. The
 * map is our own file.
 */
export function PostMap({
  places,
  search,
  onSearch,
}: {
  places: PostPlaces;
  search: SearchWords;
  onSearch: (search: SearchWords) => void;
}) {
  const { cells, total, withoutPoint } = places;
  const most = Math.max(1, ...cells.map(({ count }) => count));
  const about = total.exact ? '' : 'about ';
  if (cells.length === 0)
    return (
      <p className={classes.quiet}>
        {withoutPoint > 0
          ? `${formatCount(withoutPoint)} of these posts name a place, none says where it lies.`
          : 'None of these posts says where it was written. Few posts do.'}
      </p>
    );
  return (
    <div>
      <svg
        className={classes.map}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Map: ${about}${formatQuantity(total.count, 'post')} in ${formatQuantity(cells.length, 'place')}`}
      >
        <path d={sea} className={classes.sea} />
        <path d={graticule} className={classes.graticule} />
        <path d={land} className={classes.land} />
        {/* Large ones first, so that small ones lie on top. */}
        {cells
          .toSorted((a, b) => b.count - a.count)
          .map(({ latitude, longitude, count, place }) => {
            const [x, y] = projection([longitude, latitude]) ?? [0, 0];
            return (
              <circle
                key={`${latitude} ${longitude}`}
                className={classes.circle}
                cx={x.toFixed(1)}
                cy={y.toFixed(1)}
                r={(SMALLEST + Math.sqrt(count / most) * (LARGEST - SMALLEST)).toFixed(1)}
                onClick={() => onSearch(changed(search, { near: around({ latitude, longitude }) }))}
              >
                <title>{`${place ?? 'Without a name'}: ${about}${formatCount(count)}`}</title>
              </circle>
            );
          })}
      </svg>
      <p className={classes.quiet}>
        {about}
        {formatQuantity(total.count, 'post says', 'posts say')} where {total.count === 1 ? 'it was' : 'they were'}{' '}
        written: a point, or a place, which is drawn at its middle.
        {withoutPoint > 0 && ` ${formatCount(withoutPoint)} of them cannot be drawn.`} Choose a place, here or in the
        table, to see the posts within 200 km of it.
      </p>
      <Disclosure summary="The places as a table">
        {() => (
          <DataTable
            caption="Places, most posts first"
            rows={cells}
            keyOf={({ latitude, longitude }) => `${latitude} ${longitude}`}
            columns={[
              {
                title: 'Place',
                cell: ({ place, ...point }) => (
                  <Link to="/posts" search={changed(search, { near: around(point) })}>
                    <bdi>{place ?? 'Without a name'}</bdi>
                  </Link>
                ),
              },
              { title: 'Posts', numeric: true, cell: ({ count }) => about + formatCount(count) },
              { title: 'Latitude', numeric: true, cell: ({ latitude }) => latitude.toFixed(2) },
              { title: 'Longitude', numeric: true, cell: ({ longitude }) => longitude.toFixed(2) },
            ]}
          />
        )}
      </Disclosure>
    </div>
  );
}
