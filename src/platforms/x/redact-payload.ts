/** Payloads without what their authors took back: places, and posts of others that are withdrawn by now. */
import { parseToPassOn } from '../../core/exact-json.ts';
import { isObject, object } from './json-values.ts';

/** `places`: the place of the post itself. `posts`: ids whose texts must not be in it. */
export type Redaction = { places: boolean; posts: ReadonlySet<string> };

/**
 * The payload without these; every other member as it stood, numbers with their digits, but for blanks between members. Of one that is nested
 * too deeply to be written anew the id alone. Throws SyntaxError on what is no JSON.
 */
export function redactPayload(payload: string, redaction: Redaction): string {
  try {
    return withoutTakenBack(payload, redaction);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { data, id_str, id } = object(JSON.parse(payload));
    return JSON.stringify(isObject(data) ? { data: { id: data.id } } : id_str === undefined ? { id } : { id_str });
  }
}

function withoutTakenBack(payload: string, { places, posts }: Redaction): string {
  const root = object(parseToPassOn(payload));
  const post = isObject(root.data) ? root.data : root;
  if (places) {
    for (const name of ['geo', 'coordinates', 'place']) delete post[name];
    if (isObject(root.includes)) delete root.includes.places;
  }
  if (posts.size === 0) return JSON.stringify(root);
  if (isObject(root.includes))
    for (const name of ['tweets', 'posts']) {
      const others = root.includes[name];
      if (Array.isArray(others)) root.includes[name] = others.filter((other) => !posts.has(String(object(other).id)));
    }
  for (const name of ['quoted_status', 'retweeted_status'])
    if (posts.has(String(object(post[name]).id_str))) delete post[name];
  // twarc's flattened form has those posts within the references.
  for (const name of ['referenced_tweets', 'referenced_posts']) {
    const references = post[name];
    if (Array.isArray(references))
      post[name] = references.map((each) => {
        const { type, id } = object(each);
        return posts.has(String(id)) ? { type, id } : each;
      });
  }
  return JSON.stringify(root);
}
