/**
 * The names that somebody may have meant, closest first, at most three: within two letters or a third of them, or
 * beginning alike.
 */
export function closestNames(wanted: string, names: string[]): string[] {
  const near = names
    .map((name) => ({ name, distance: name.startsWith(wanted) ? 0 : editDistance(wanted, name) }))
    .filter(
      ({ name, distance }) =>
        distance <= Math.max(2, Math.floor(Math.max(wanted.length, name.length) / 3)) && distance < name.length - 1,
    );
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, 3).map(({ name }) => name);
}

/** How many letters must be put in, taken out or replaced to make one text the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
