/** What the files of an hour are called on the page, and in which order they stand. */

const titles: readonly (readonly [ending: RegExp, title: string])[] = [
  [/_posts\.parquet$/, 'Posts, Parquet'],
  [/_tweets\.csv(\.xz)?$/, 'Posts, CSV'],
  [/_users\.csv(\.xz)?$/, 'Accounts, CSV'],
  [/_IDs\.txt(\.xz)?$/, 'Ids'],
  [/_manifest\.json$/, 'Manifest'],
  [/_report\.txt$/, "Day's report"],
];

/** A short title; the file's own name where it is none of those known. */
export function fileTitle(name: string): string {
  return titles.find(([ending]) => ending.test(name))?.[1] ?? name;
}

/** True for files whose size matters before a download; the others are small text. */
export function isData(name: string): boolean {
  return !/_(manifest\.json|report\.txt)$/.test(name);
}

/** Data first, then what describes it. */
export function inReadingOrder<File extends { name: string }>(files: readonly File[]): File[] {
  const rank = ({ name }: File) => {
    const index = titles.findIndex(([ending]) => ending.test(name));
    return index === -1 ? titles.length : index;
  };
  return files.toSorted((a, b) => rank(a) - rank(b));
}
