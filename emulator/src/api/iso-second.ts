const DAY_SEC = 86_400;
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
/** `2022-10-07T` by day since 1970. All days between the oldest account and the end of ids are some 27,000. */
const datesByDay = new Map<number, string>();

/**
 * `2022-10-07T22:43:17.000Z`: the platform shows whole seconds, with a zero fraction.
 * Date.toISOString() alone took a tenth of the time of rendering a post.
 * @param at Unix ms
 */
export function isoSecond(at: number): string {
  const second = Math.floor(at / 1000);
  const day = Math.floor(second / DAY_SEC);
  const inDay = second - day * DAY_SEC;
  const hour = Math.floor(inDay / 3600);
  const minute = Math.floor(inDay / 60) % 60;
  return `${dateOf(day)}${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[inDay % 60]}.000Z`;
}

function dateOf(day: number): string {
  let date = datesByDay.get(day);
  if (date === undefined) {
    date = new Date(day * DAY_SEC * 1000).toISOString().slice(0, 'YYYY-MM-DDT'.length);
    datesByDay.set(day, date);
  }
  return date;
}
