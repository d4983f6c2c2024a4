/**
 * A page of posts (timeline, lookup, search; v2 in either vocabulary, v1.1) taken apart into what capture keeps: one payload per post, with the
 * very bytes of the post and of the includes that belong to it, and the rest of the page. Pages are few and large, so they are parsed, too.
 */
import { nextElement, skipSpace, skipValue } from '../../core/json-scan.ts';
import { scanPostId } from './scan-post-id.ts';

/** `rest`: the page without its posts, and without those includes that a post has with it; JSON. `ids`: of the posts, in their order. */
export type PageParts = { posts: Buffer[]; ids: (string | undefined)[]; rest: Buffer };

/** v1.1's look-up with `map`: posts by their ids, null for those that are not there. */
function ofMap(body: Buffer, from: number): PageParts {
  const there = [...membersOf(body, from)].filter(([, span]) => body[span.from] === '{'.charCodeAt(0));
  return withIds(
    there.map(([, span]) => body.subarray(span.from, span.to)),
    Buffer.from('{}'),
  );
}

type Span = { from: number; to: number };
type Include = { span: Span; names: Set<string>; strings: Set<string>; used: boolean };

const COLON = 58;
const CLOSE_OBJECT = 125;
const COMMA = 44;

/** Splits a page; undefined when the bytes are no JSON object or array: then the caller keeps them whole. */
export function splitPage(body: Buffer): PageParts | undefined {
  try {
    JSON.parse(body.toString('utf8'));
  } catch {
    return undefined; // the caller keeps the bytes, says so, and asks again
  }
  const start = skipSpace(body, 0, body.length);
  if (body[start] === '['.charCodeAt(0)) {
    const posts = elements(body, start).map(({ from, to }) => body.subarray(from, to));
    return withIds(posts, Buffer.from('{}'));
  }
  if (body[start] !== '{'.charCodeAt(0)) return undefined;
  const members = membersOf(body, start);
  const map = members.get('id');
  if (map !== undefined && body[map.from] === '{'.charCodeAt(0)) return ofMap(body, map.from);
  const holder = ['data', 'statuses'].find((name) => members.has(name));
  const data = holder === undefined ? undefined : (members.get(holder) as Span);
  if (data === undefined) return { posts: [], ids: [], rest: body };
  const isList = body[data.from] === '['.charCodeAt(0);
  const spans = isList ? elements(body, data.from) : [data];
  if (holder === 'statuses') {
    const rest = objectOf(
      body,
      [...members].filter(([name]) => name !== holder),
    );
    return withIds(
      spans.map(({ from, to }) => body.subarray(from, to)),
      rest,
    );
  }
  const includes = readIncludes(body, members.get('includes'));
  const posts = spans.map((span) => envelope(body, span, includes));
  const others = [...members].filter(([name]) => name !== 'data' && name !== 'includes');
  return withIds(posts, objectOf(body, others, leftOver(body, includes)));
}

function withIds(posts: Buffer[], rest: Buffer): PageParts {
  return { posts, ids: posts.map((post) => scanPostId(post)), rest };
}

/** `{"data":…,"includes":{…}}` with the includes that the post names, and those that these name. */
function envelope(body: Buffer, post: Span, includes: Map<string, Include[]>): Buffer {
  const wanted = stringsOf(body, post);
  const shares = new Map<string, Include[]>();
  const taken = new Set<Include>();
  for (let grew = true; grew; ) {
    grew = false;
    for (const [kind, list] of includes)
      for (const include of list) {
        if (taken.has(include) || !intersects(include.names, wanted)) continue;
        taken.add(include);
        include.used = true;
        shares.set(kind, [...(shares.get(kind) ?? []), include]);
        // What a referenced post names belongs to it; what a user names (a pinned post) would draw the whole page in.
        if (kind === 'tweets' || kind === 'posts') for (const text of include.strings) wanted.add(text);
        grew = true;
      }
  }
  const pieces = [Buffer.from('{"data":'), body.subarray(post.from, post.to)];
  if (shares.size > 0) pieces.push(Buffer.from(',"includes":'), includesOf(body, shares));
  return Buffer.concat([...pieces, Buffer.from('}')]);
}

function includesOf(body: Buffer, shares: Map<string, Include[]>): Buffer {
  const kinds = [...shares].map(([kind, list]) =>
    Buffer.concat([
      Buffer.from(`${JSON.stringify(kind)}:[`),
      joined(list.map(({ span }) => body.subarray(span.from, span.to))),
      Buffer.from(']'),
    ]),
  );
  return Buffer.concat([Buffer.from('{'), joined(kinds), Buffer.from('}')]);
}

function leftOver(body: Buffer, includes: Map<string, Include[]>): Buffer | undefined {
  const unused = new Map<string, Include[]>();
  for (const [kind, list] of includes) {
    const rest = list.filter(({ used }) => !used);
    if (rest.length > 0) unused.set(kind, rest);
  }
  return unused.size === 0 ? undefined : includesOf(body, unused);
}

/** Includes by kind. One is named by its id, media key, or, as mentions do, by its user name. */
function readIncludes(body: Buffer, span: Span | undefined): Map<string, Include[]> {
  const includes = new Map<string, Include[]>();
  if (span === undefined) return includes;
  for (const [kind, list] of membersOf(body, span.from)) {
    includes.set(
      kind,
      elements(body, list.from).map((element) => {
        const value = JSON.parse(body.toString('utf8', element.from, element.to)) as Record<string, unknown>;
        const names = [value.id, value.media_key, value.username].filter((name) => typeof name === 'string');
        return { span: element, names: new Set(names), strings: stringsOf(body, element), used: false };
      }),
    );
  }
  return includes;
}

/** All values that are text, at any depth: ids, keys and names are among them. */
function stringsOf(body: Buffer, { from, to }: Span): Set<string> {
  const strings = new Set<string>();
  const waiting: unknown[] = [JSON.parse(body.toString('utf8', from, to))];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === 'string') strings.add(value);
    else if (typeof value === 'object' && value !== null) waiting.push(...Object.values(value));
  }
  return strings;
}

function intersects(names: Set<string>, wanted: Set<string>): boolean {
  for (const name of names) if (wanted.has(name)) return true;
  return false;
}

/** The members of the object that opens at `at`; of equal names the last counts. */
function membersOf(bytes: Buffer, at: number): Map<string, Span> {
  const members = new Map<string, Span>();
  let next = skipSpace(bytes, at + 1, bytes.length);
  while (next < bytes.length && bytes[next] !== CLOSE_OBJECT) {
    const keyEnd = skipValue(bytes, next, bytes.length);
    const name = JSON.parse(bytes.toString('utf8', next, keyEnd)) as string;
    next = skipSpace(bytes, keyEnd, bytes.length);
    if (bytes[next] === COLON) next = skipSpace(bytes, next + 1, bytes.length);
    const to = skipValue(bytes, next, bytes.length);
    members.set(name, { from: next, to });
    next = skipSpace(bytes, to, bytes.length);
    if (bytes[next] === COMMA) next = skipSpace(bytes, next + 1, bytes.length);
  }
  return members;
}

function elements(bytes: Buffer, at: number): Span[] {
  const spans: Span[] = [];
  if (bytes[at] !== '['.charCodeAt(0)) return spans;
  for (let from = nextElement(bytes, at + 1, bytes.length); from !== -1; ) {
    const to = skipValue(bytes, from, bytes.length);
    spans.push({ from, to });
    from = nextElement(bytes, to, bytes.length);
  }
  return spans;
}

function objectOf(body: Buffer, members: [string, Span][], includes?: Buffer): Buffer {
  const pieces = members.map(([name, { from, to }]) =>
    Buffer.concat([Buffer.from(`${JSON.stringify(name)}:`), body.subarray(from, to)]),
  );
  if (includes !== undefined) pieces.push(Buffer.concat([Buffer.from('"includes":'), includes]));
  return Buffer.concat([Buffer.from('{'), joined(pieces), Buffer.from('}')]);
}

function joined(pieces: Buffer[]): Buffer {
  return Buffer.concat(pieces.flatMap((piece, at) => (at === 0 ? [piece] : [Buffer.from(','), piece])));
}
