/** `2022-10-07T22:43:17.000Z`: the platform shows whole seconds, with a zero fraction. @param at Unix ms */
export function isoSecond(at: number): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString();
}
