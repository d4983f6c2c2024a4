import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A post found in a file, in words of no platform. Ids are decimal. */
export interface ImportedPost {
  readonly id: string;
  readonly authorId: string;
  readonly createdAt: number;
  /** As typed, escapes undone. */
  readonly text: string;
  readonly language: string;
  readonly kind: 'original' | 'reply' | 'repost' | 'quote';
  readonly aboutId: string | undefined;
  readonly threadId: string | undefined;
  readonly program: string;
  readonly likes: number;
}

export interface ImportedAccount {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  readonly place: string | undefined;
  readonly createdAt: number;
  readonly isProtected: boolean;
  readonly verified: boolean;
}

export interface Imported {
  readonly posts: Map<string, ImportedPost>;
  readonly accounts: Map<string, ImportedAccount>;
  /** Ids of followers by id of the followed, newest first. */
  readonly followers: Map<string, readonly string[]>;
}

/** A file to import can't be read; the message is a sentence. */
export class ImportError extends Error {}

const IMPORTABLE = /\.(jsonl|ndjson|json|twt|fws)(\.gz)?$/;
const GZIP_MAGIC = 0x1f8b;

/**
 * Reads posts and accounts from JSON Lines (v2 objects with or without `data` and `includes`, v1.1 statuses and users), plain
 * or gzipped, and Twittomatic's `<uid>.twt` (gzipped statuses) and `<uid>.fws` (gzipped 64-bit big-endian ids of followers, or the older
 * lines of numbers). Of a folder all files of these kinds are read, those in folders below it, too. Lines without a post or
 * account are told and left out.
 */
export async function readImports(paths: readonly string[], tell: (sentence: string) => void): Promise<Imported> {
  const imported: Imported = { posts: new Map(), accounts: new Map(), followers: new Map() };
  for (const path of await filesIn(paths)) {
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
      if (bytes.length > 1 && bytes.readUInt16BE(0) === GZIP_MAGIC) bytes = gunzipSync(bytes);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ImportError(`${path} can't be imported: ${why}.`, { cause: error });
    }
    if (/\.fws(\.gz)?$/.test(path)) {
      const [, uid] = /^(\d+)\./.exec(basename(path)) ?? [];
      if (uid === undefined) throw new ImportError(`${path} can't be imported: its name must be <uid>.fws.`);
      imported.followers.set(uid, followerIds(bytes));
      continue;
    }
    let leftOut = 0;
    for (const line of bytes.toString('utf8').split('\n')) {
      if (line.trim() !== '' && !readLine(line, imported)) leftOut++;
    }
    if (leftOut > 0) tell(`${leftOut} lines of ${path} hold neither posts nor accounts.`);
  }
  return imported;
}

function followerIds(bytes: Buffer): string[] {
  // The older form is text: digits and line ends only.
  if (/^[\d\s]*$/.test(bytes.subarray(0, 4096).toString('latin1')))
    return bytes.toString('latin1').split(/\s+/).filter(Boolean);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, n) => bytes.readBigUInt64BE(n * 8).toString());
}

function readLine(line: string, imported: Imported): boolean {
  let value: unknown;
  try {
    // Numeric ids beyond 2^53 would lose digits; statuses have `id_str`, others are quoted here.
    value = JSON.parse(line.replace(/("(?:id|in_reply_to_\w*_id|quoted_status_id)":\s*)(\d{16,})/g, '$1"$2"'));
  } catch {
    // The caller counts what is left out.
    return false;
  }
  return readValue(value, imported);
}

function readValue(value: unknown, imported: Imported): boolean {
  const object = fields(value);
  if (object === undefined) return false;
  const includes = fields(object['includes']);
  for (const user of list(includes?.['users'])) readValue(user, imported);
  for (const post of list(includes?.['tweets'] ?? includes?.['posts'])) readValue(post, imported);
  const { data } = object;
  if (Array.isArray(data)) return data.map((item: unknown) => readValue(item, imported)).includes(true);
  if (fields(data) !== undefined) return readValue(data, imported);
  if (readAccount(object, imported)) return true;
  return readPost(object, imported);
}

function readAccount(object: Record<string, unknown>, { accounts }: Imported): boolean {
  const id = text(object['id_str']) ?? idOf(object['id']);
  const handle = text(object['screen_name']) ?? text(object['username']);
  if (id === undefined || handle === undefined || object['text'] !== undefined) return false;
  accounts.set(id, {
    id,
    handle,
    name: text(object['name']) ?? handle,
    description: text(object['description']) ?? '',
    place: text(object['location']) || undefined,
    createdAt: instant(object['created_at']) ?? Date.UTC(2010, 0, 1),
    isProtected: object['protected'] === true,
    verified: object['verified'] === true,
  });
  return true;
}

function readPost(object: Record<string, unknown>, imported: Imported): boolean {
  const id = text(object['id_str']) ?? idOf(object['id']);
  const words = text(object['full_text']) ?? text(object['text']);
  const user = fields(object['user']);
  const authorId = text(user?.['id_str']) ?? idOf(user?.['id']) ?? idOf(object['author_id']);
  if (id === undefined || words === undefined || authorId === undefined) return false;
  if (user !== undefined) readAccount(user, imported);
  const repeated = fields(object['retweeted_status']);
  const quoted = fields(object['quoted_status']);
  if (repeated !== undefined) readPost(repeated, imported);
  if (quoted !== undefined) readPost(quoted, imported);
  const { kind, aboutId } = relationOf(object, repeated, quoted);
  const metrics = fields(object['public_metrics']);
  imported.posts.set(id, {
    id,
    authorId,
    createdAt: instant(object['created_at']) ?? Number((BigInt(id) >> 22n) + 1_288_834_974_657n),
    text: words.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    language: text(object['lang']) ?? 'und',
    kind,
    aboutId,
    threadId: idOf(object['conversation_id']),
    program: (text(object['source']) ?? 'Twitter Web App').replaceAll(/<[^>]*>/g, ''),
    likes: count(object['favorite_count'] ?? metrics?.['like_count']),
  });
  return true;
}

const KINDS: Readonly<Record<string, ImportedPost['kind']>> = {
  retweeted: 'repost',
  replied_to: 'reply',
  quoted: 'quote',
};

function relationOf(
  object: Record<string, unknown>,
  repeated: Record<string, unknown> | undefined,
  quoted: Record<string, unknown> | undefined,
): Pick<ImportedPost, 'kind' | 'aboutId'> {
  const references = list(object['referenced_tweets'] ?? object['referenced_posts']).map(fields);
  for (const type of ['retweeted', 'replied_to', 'quoted']) {
    const reference = references.find((candidate) => candidate?.['type'] === type);
    if (reference !== undefined) return { kind: KINDS[type] ?? 'original', aboutId: idOf(reference['id']) };
  }
  if (repeated !== undefined) return { kind: 'repost', aboutId: text(repeated['id_str']) ?? idOf(repeated['id']) };
  const parent = text(object['in_reply_to_status_id_str']) ?? idOf(object['in_reply_to_status_id']);
  if (parent !== undefined) return { kind: 'reply', aboutId: parent };
  if (quoted !== undefined) return { kind: 'quote', aboutId: text(quoted['id_str']) ?? idOf(quoted['id']) };
  return { kind: 'original', aboutId: undefined };
}

function fields(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function idOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && /^\d{1,19}$/.test(value) ? value : undefined;
}

function count(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? value : 0;
}

function instant(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** Folders stand for the files in them, by name. What can't be read is told when it is opened. */
async function filesIn(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    try {
      const names = await readdir(path, { recursive: true });
      files.push(
        ...names
          .filter((name) => IMPORTABLE.test(name))
          .toSorted()
          .map((name) => join(path, name)),
      );
    } catch {
      files.push(path);
    }
  }
  return files;
}
