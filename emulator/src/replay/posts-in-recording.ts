type Json = Record<string, unknown>;

/**
 * Parses JSON so that writing it again changes no number: ids of 64 bits, `1.0` and the like keep their digits.
 * Throws SyntaxError.
 */
export function parseLossless(text: string): unknown {
  // Both are in V8 since Node 21, but not yet in TypeScript's library.
  const { rawJSON } = JSON as unknown as { rawJSON: (source: string) => unknown };
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? rawJSON(context.source)
      : value;
  return JSON.parse(text, keepDigits);
}

/**
 * The posts of a recorded document, one stream line each: those in `data` (with their share of `includes`), in
 * `statuses` or `results` (premium search), in an array, in a recorded response. Documents without posts give nothing.
 */
export function* postsInRecording(document: unknown): Generator<string> {
  if (Array.isArray(document)) {
    for (const element of document as unknown[]) yield* postsInRecording(element);
  } else if (isObject(document)) {
    if (isObject(document['response'])) yield* postsInRecording(bodyOf(document['response']));
    else if (Array.isArray(document['data'])) yield* postsOfPage(document['data'], document['includes']);
    else if (isObject(document['data'])) yield* postsOfPage([document['data']], document['includes']);
    else if (Array.isArray(document['statuses'])) yield* postsInRecording(document['statuses']);
    else if (Array.isArray(document['results'])) yield* postsInRecording(document['results']);
    else if (isPost(document)) yield isStatus(document) ? JSON.stringify(document) : JSON.stringify({ data: document });
  }
}

/** Whether a line, parsed, is one that a stream sends: a post in `data`, or a post as the root. */
export function isStreamLine(value: unknown): boolean {
  return isObject(value) && (isPost(value) || isPost(value['data']));
}

function bodyOf(response: Json): unknown {
  if (response['json'] !== undefined) return response['json'];
  if (typeof response['text'] !== 'string') return undefined;
  try {
    return parseLossless(response['text']);
  } catch {
    // An answer that isn't JSON (an HTML page, an empty body) has no posts to lose.
    return undefined;
  }
}

function* postsOfPage(posts: readonly unknown[], includes: unknown): Generator<string> {
  const library = new Includes(includes);
  for (const post of posts) {
    if (!isPost(post)) continue;
    const share = library.shareOf(post);
    yield JSON.stringify(share === undefined ? { data: post } : { data: post, includes: share });
  }
}

/** The `includes` of a page, to be shared out among its posts. */
class Includes {
  readonly #kinds: ReadonlyMap<string, readonly Json[]>;

  constructor(includes: unknown) {
    const entries = isObject(includes) ? Object.entries(includes) : [];
    this.#kinds = new Map(entries.map(([kind, items]) => [kind, Array.isArray(items) ? items.filter(isObject) : []]));
  }

  /** What this post points at, and what the posts that it points at do; undefined when that is nothing. */
  shareOf(post: Json): Json | undefined {
    const posts = this.#pick('tweets', postsNamedBy(post));
    const all = [post, ...posts];
    const accounts = new Set(all.flatMap((one) => [...accountsNamedBy(one)]));
    const share = {
      users: this.#pick('users', accounts),
      tweets: posts,
      media: this.#pick('media', new Set(all.flatMap((one) => texts(at(one, 'attachments', 'media_keys'))))),
      polls: this.#pick('polls', new Set(all.flatMap((one) => texts(at(one, 'attachments', 'poll_ids'))))),
      places: this.#pick('places', new Set(all.flatMap((one) => texts(at(one, 'geo', 'place_id'))))),
    };
    const filled = Object.entries(share).filter(([, items]) => items.length > 0);
    return filled.length > 0 ? Object.fromEntries(filled) : undefined;
  }

  #pick(kind: string, names: ReadonlySet<string>): Json[] {
    const isNamed = (item: Json): boolean =>
      [item['id'], item['media_key'], handleKey(item['username'])].some(
        (name) => typeof name === 'string' && names.has(name),
      );
    return names.size === 0 ? [] : (this.#kinds.get(kind) ?? []).filter(isNamed);
  }
}

function postsNamedBy(post: Json): Set<string> {
  const references = listOf(post['referenced_tweets']).map((reference) => at(reference, 'id'));
  return new Set(texts([...references, at(post, 'attachments', 'media_source_tweet_id')]));
}

function accountsNamedBy(post: Json): Set<string> {
  const mentions = listOf(at(post, 'entities', 'mentions'));
  const ids = [post['author_id'], post['in_reply_to_user_id'], ...mentions.map((mention) => at(mention, 'id'))];
  const handles = mentions.map((mention) => handleKey(at(mention, 'username')));
  return new Set(texts([...ids, ...handles]));
}

/** Handles are case-insensitive, and must not be taken for ids. */
function handleKey(handle: unknown): string | undefined {
  return typeof handle === 'string' ? `@${handle.toLowerCase()}` : undefined;
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  let inner = value;
  for (const key of keys) inner = isObject(inner) ? inner[key] : undefined;
  return inner;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');
}

function isPost(value: unknown): value is Json {
  if (!isObject(value) || (value['id'] === undefined && value['id_str'] === undefined)) return false;
  return typeof value['text'] === 'string' || typeof value['full_text'] === 'string';
}

/** A post in v1.1's shape, which stands alone on its line. */
function isStatus(post: Json): boolean {
  return post['id_str'] !== undefined || typeof post['id'] !== 'string';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
