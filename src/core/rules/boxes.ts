/** Boxes on the map, as typed: west, south, east, north in degrees. */

export type Box = readonly [west: number, south: number, east: number, north: number];

/**
 * The boxes of a list of numbers: four to a box, each from −180 up to but not including 180, longitude before latitude.
 * Problems are sentences for the person.
 */
export function parseBoxes(text: string): { boxes: Box[]; problems: string[] } {
  const parts = text.split(/[,\s]+/).filter((part) => part !== '');
  if (parts.length === 0) return { boxes: [], problems: [] };
  const wrong = parts.find((part) => !/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(part));
  if (wrong !== undefined)
    return { boxes: [], problems: [`"${wrong}" is not a number. A box is written long,lat,long,lat.`] };
  if (parts.length % 4 !== 0)
    return { boxes: [], problems: [`A box needs four numbers (long,lat,long,lat); there are ${parts.length}.`] };
  const numbers = parts.map(Number);
  const far = numbers.find((number) => number < -180 || number >= 180);
  if (far !== undefined)
    return { boxes: [], problems: [`${far} is out of range: each number must be at least -180 and less than 180.`] };
  const problems: string[] = [];
  const boxes: Box[] = [];
  for (let at = 0; at < numbers.length; at += 4) {
    const box = numbers.slice(at, at + 4) as unknown as Box;
    const problem = orderProblem(box);
    if (problem === undefined) boxes.push(box);
    else problems.push(problem);
  }
  return { boxes, problems };
}

function orderProblem([west, south, east, north]: Box): string | undefined {
  const written = `${west},${south},${east},${north}`;
  if (Math.abs(south) > 90 || Math.abs(north) > 90)
    return `${written} has a latitude beyond 90 degrees. The order is long,lat,long,lat.`;
  if (west >= east) return `${written} is no box: its first corner must lie west of the second.`;
  if (south >= north) return `${written} is no box: its first corner must lie south of the second.`;
  return undefined;
}

/** The longer side of a box in miles, measured at its middle latitude. */
export function longestSideMiles([west, south, east, north]: Box): number {
  const milesPerDegree = 69.17;
  const narrowest = Math.min(Math.abs(south), Math.abs(north));
  const wide = (east - west) * milesPerDegree * Math.cos(((south < 0 && north > 0 ? 0 : narrowest) * Math.PI) / 180);
  return Math.max(wide, (north - south) * milesPerDegree);
}
