/** What is searched for, as values, and as the one condition that PostgreSQL is asked. */
import type { PostKind } from '../../core/post.ts';
import { authorQuery, parseSearch } from './parse-search.ts';
import { collectionMark } from './search-row.ts';
import { MARKS, markToken, quoteToken } from './search-tokens.ts';

/** Instants are ISO 8601 with Z; `from` inclusive, `to` exclusive. `text`: as a person wrote it. All that is given must hold. */
export type PostSearch = {
  text?: string | undefined;
  author?: string | undefined;
  hashtag?: string | undefined;
  lang?: string | undefined;
  kind?: PostKind | undefined;
  has?: readonly ('media' | 'links' | 'geo')[] | undefined;
  from?: string | undefined;
  to?: string | undefined;
  /** Posts that this collection met. */
  collectionId?: number | undefined;
  /** Posts that say that they were written within so many kilometres of a point, in degrees. */
  near?: Near | undefined;
};

export type Near = { latitude: number; longitude: number; km: number };

/** The collections whose posts the asking person may see. A post that only others met does not exist for them. */
export type CollectionSight = 'all' | readonly number[];

/** `tokens`: a tsquery's text; undefined: all posts of the time. */
export type SearchCondition = {
  tokens: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  near?: Near | undefined;
};

/** Undefined when nothing can be found: nothing may be seen, or what was written holds nothing to look for. */
export function searchCondition(search: PostSearch, sight: CollectionSight): SearchCondition | undefined {
  if (sight !== 'all' && sight.length === 0) return undefined;
  const { text = '', author = '', hashtag = '', lang, kind, has = [], from, to, collectionId, near } = search;
  if (collectionId !== undefined && sight !== 'all' && !sight.includes(collectionId)) return undefined;
  const parts: (string | undefined)[] = [];
  if (text.trim() !== '') parts.push(parseSearch(text));
  if (author.trim() !== '') parts.push(authorQuery(author));
  const tag = hashtag.trim().replace(/^[#\uff03]/u, '');
  if (tag !== '') parts.push(quoteToken(markToken('hashtag', tag)));
  if (parts.includes(undefined)) return undefined;
  if (lang !== undefined) parts.push(quoteToken(markToken('language', lang)));
  if (kind !== undefined) parts.push(quoteToken(MARKS.kind + kind));
  for (const thing of has) parts.push(quoteToken(MARKS.has + thing));
  // The narrower of the two: who may see the collection asks for it alone.
  const within = collectionId === undefined ? sight : [collectionId];
  if (within !== 'all') parts.push(`(${within.map((id) => quoteToken(collectionMark(id))).join(' | ')})`);
  const condition = { tokens: parts.length === 0 ? undefined : parts.join(' & '), from, to };
  return near === undefined ? condition : { ...placed(condition), near };
}

/** The same search among a part of all posts: those whose sample digits begin so. None: among all. */
export function sampled(condition: SearchCondition, digits: string): SearchCondition {
  return digits === '' ? condition : withMark(condition, `${quoteToken(MARKS.sample + digits)}:*`);
}

/** The same search among posts that say where they were written. */
export function placed(condition: SearchCondition): SearchCondition {
  return withMark(condition, quoteToken(`${MARKS.has}geo`));
}

function withMark(condition: SearchCondition, mark: string): SearchCondition {
  return { ...condition, tokens: condition.tokens === undefined ? mark : `${mark} & ${condition.tokens}` };
}

/** SQL on a row `s` of the index, with the values that its numbered parameters stand for, after `values`. */
export function conditionSql(
  { tokens, from, to, near }: SearchCondition,
  values: unknown[],
): { time: string; tokens: string } {
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const time = [
    ...(from === undefined ? [] : [`s.at >= ${parameter(from)}::timestamptz`]),
    ...(to === undefined ? [] : [`s.at < ${parameter(to)}::timestamptz`]),
  ];
  const wanted = [
    ...(tokens === undefined ? [] : [`s.tokens @@ ${parameter(tokens)}::tsquery`]),
    ...(near === undefined ? [] : [nearSql(near, parameter)]),
  ];
  return {
    time: time.length === 0 ? 'true' : time.join(' and '),
    tokens: wanted.length === 0 ? 'true' : wanted.join(' and '),
  };
}

const EARTH_RADIUS_KM = 6371;
const KM_PER_DEGREE = (EARTH_RADIUS_KM * Math.PI) / 180;

/** By the great circle, among what an index of places finds in the box around the circle. */
function nearSql({ latitude, longitude, km }: Near, parameter: (value: unknown) => string): string {
  const [lat, lon] = [`${parameter(latitude)}::float8`, `${parameter(longitude)}::float8`];
  const sine = (degrees: string) => `power(sin(radians(${degrees}) / 2), 2)`;
  const half = `${sine(`s.latitude - ${lat}`)} + cos(radians(${lat})) * cos(radians(s.latitude)) * ${sine(`s.longitude - ${lon}`)}`;
  const between = (column: string, middle: number, reach: number) =>
    `${column} between ${parameter(middle - reach)}::float8 and ${parameter(middle + reach)}::float8`;
  const height = km / KM_PER_DEGREE;
  const width = reachOfLongitudes({ latitude, longitude, height });
  return `${between('s.latitude', latitude, height)}
    ${width === undefined ? '' : `and ${between('s.longitude', longitude, width)}`}
    and 2 * ${EARTH_RADIUS_KM} * asin(sqrt(least(1, ${half}))) <= ${parameter(km)}::float8 and not ${placesTakenBack('s')}`;
}

/** How many degrees to the east and west the circle goes at most; undefined where it holds a pole or crosses the date line. */
function reachOfLongitudes(circle: { latitude: number; longitude: number; height: number }): number | undefined {
  const highest = Math.abs(circle.latitude) + circle.height;
  if (highest >= 89) return undefined;
  const width = circle.height / Math.cos((highest * Math.PI) / 180);
  return Math.abs(circle.longitude) + width > 180 ? undefined : width;
}

/**
 * Posts that the platform took back, or whose author it did, are shown no more; those withheld in some countries are. Not as `not exists`: the planner
 * would make a join of it, which changes the order of rows.
 */
export const notWithdrawn = (row: string) => `coalesce((select false from post_withdrawals w
    where w.platform = ${row}.platform and w.post_id = ${row}.post_id and w.lifted_at is null and w.kind <> 'withheld' limit 1), true)
  and coalesce((select false from account_withdrawals w
    where w.platform = ${row}.platform and w.account_id = ${row}.account_id and w.lifted_at is null and w.kind in ('deleted', 'protected', 'suspended') limit 1), true)`;

/** Whether the author took back where posts up to this one were written. */
export const placesTakenBack = (row: string) => `exists (select from account_withdrawals w
    where w.platform = ${row}.platform and w.account_id = ${row}.account_id and w.kind = 'places' and w.lifted_at is null
      and (length(${row}.post_id), ${row}.post_id) <= (length(w.up_to_post_id), w.up_to_post_id))`;
