/** A page as the lines that are printed of it. */
import type { ReadPage } from '../platforms/read-adapter.ts';
import { flattenPage, onOneLine } from '../platforms/x/read/flatten.ts';

/** One line each, with its line end. `ids`: of the items in a flattened page, in the order of the lines. */
export type PageLines = { lines: Buffer[]; ids: string[] };

export type LineOptions = { flatten?: true; provenance?: true; version: string };

/** The page itself on one line, or one item a line. */
export function linesOfPage(page: ReadPage, { flatten, provenance, version }: LineOptions): PageLines {
  const texts = flatten === true ? flattenPage(page.body).map((text) => Buffer.from(text)) : [onOneLine(page.body)];
  const mark = provenance === true ? provenanceOf(page, version) : undefined;
  const lines = texts.map((text) => Buffer.concat([mark === undefined ? text : marked(text, mark), LINE_END]));
  return { lines, ids: flatten === true ? idsOf(page) : [] };
}

/** How many things were asked for and came. */
export function itemsOf({ posts, accounts, accountIds, counts }: ReadPage): number {
  return posts.length + accounts.length + accountIds.length + counts.length;
}

function idsOf({ posts, accounts, accountIds, counts }: ReadPage): string[] {
  return [
    ...posts.map(({ postId }) => postId),
    ...accounts.map(({ accountId }) => accountId),
    ...accountIds,
    ...counts.map(({ start }) => start),
  ];
}

function provenanceOf({ url, receivedAt }: ReadPage, version: string): string {
  return JSON.stringify({ url, version: `mistnet ${version}`, retrieved_at: receivedAt.replace(/\.\d+Z$/, '+00:00') });
}

const LINE_END = Buffer.from('\n');
const CLOSE_OBJECT = '}'.charCodeAt(0);

/** The object with one member more; the bytes before stay as they are. What is no object (a page of v1.1 may be a list) stays whole. */
function marked(json: Buffer, mark: string): Buffer {
  const end = json.lastIndexOf(CLOSE_OBJECT);
  if (end === -1 || json[0] !== '{'.charCodeAt(0)) return json;
  const isEmpty = json.subarray(1, end).toString('utf8').trim() === '';
  return Buffer.concat([json.subarray(0, end), Buffer.from(`${isEmpty ? '' : ','}"__twarc":${mark}}`)]);
}
