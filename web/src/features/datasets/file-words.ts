/** What the files of an hour are called on the page. */

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
