import { holdsPhrase } from './phrase.ts';
import type { QueryOptions } from './query-options.ts';
import type { QueryLink, QueryName, QueryPost } from './query-post.ts';
import { fold, wordsOf } from './words.ts';

type Words = readonly string[];

/** Whether a post, made ready, matches. */
export type Predicate = (view: PostView) => boolean;

/** A post made ready for many queries of one side: each set is computed when the first query asks for it, and once. */
export class PostView {
  readonly post: QueryPost;
  readonly #options: QueryOptions;
  #parts: readonly QueryPost[] | undefined;
  #sections: readonly Words[] | undefined;
  #words: ReadonlySet<string> | undefined;
  #hashtags: ReadonlySet<string> | undefined;
  #cashtags: ReadonlySet<string> | undefined;
  #mentions: ReadonlySet<string> | undefined;
  #addresses: readonly Words[] | undefined;
  #addressWords: ReadonlySet<string> | undefined;
  #author: ReadonlySet<string> | undefined;

  constructor(post: QueryPost, options: QueryOptions) {
    this.post = post;
    this.#options = options;
  }

  /** The post itself, what it reposts, and where quoted posts count those: all whose content is looked at. */
  get parts(): readonly QueryPost[] {
    this.#parts ??= this.#findParts();
    return this.#parts;
  }

  /** Runs of words; a phrase lies within one of them. */
  get sections(): readonly Words[] {
    this.#sections ??= this.#findSections();
    return this.#sections;
  }

  get words(): ReadonlySet<string> {
    this.#words ??= new Set(this.sections.flat());
    return this.#words;
  }

  get hashtags(): ReadonlySet<string> {
    this.#hashtags ??= new Set(this.parts.flatMap((part) => part.hashtags).map((tag) => fold(tag, this.#options)));
    return this.#hashtags;
  }

  get cashtags(): ReadonlySet<string> {
    this.#cashtags ??= new Set(this.parts.flatMap((part) => part.cashtags).map((tag) => tag.toLowerCase()));
    return this.#cashtags;
  }

  /** Handles of the mentioned, lower case. */
  get mentions(): ReadonlySet<string> {
    this.#mentions ??= new Set(this.parts.flatMap((part) => part.mentions).map(({ handle }) => handle.toLowerCase()));
    return this.#mentions;
  }

  /** Words of each address of each link. */
  get addresses(): readonly Words[] {
    this.#addresses ??= this.parts
      .flatMap((part) => part.links)
      .flatMap(addressesOf)
      .map((address) => wordsOf(address, this.#options));
    return this.#addresses;
  }

  get addressWords(): ReadonlySet<string> {
    this.#addressWords ??= new Set(this.addresses.flat());
    return this.#addressWords;
  }

  /** The author's id and handle. */
  get author(): ReadonlySet<string> {
    this.#author ??= new Set(namesOf(this.post.author));
    return this.#author;
  }

  /** Whether these words stand side by side, in this order. */
  hasPhrase(words: Words): boolean {
    return words.every((word) => this.words.has(word)) && this.sections.some((section) => holdsPhrase(section, words));
  }

  #findParts(): readonly QueryPost[] {
    const { post } = this;
    const parts = [post];
    if (post.repostOf !== undefined) parts.push(post.repostOf);
    if (!this.#options.matchQuoted) return parts;
    if (post.quoteOf !== undefined) parts.push(post.quoteOf);
    if (post.repostOf?.quoteOf !== undefined) parts.push(post.repostOf.quoteOf);
    return parts;
  }

  #findSections(): readonly Words[] {
    if (this.post.repostOf !== undefined && !this.#options.keywordsMatchReposts) return [];
    const sections = this.parts.map((part) => wordsOf(part.text, this.#options));
    if (!this.#options.keywordsMatchLinks) return sections;
    for (const part of this.parts) {
      for (const link of part.links) sections.push(wordsOf(link.expandedUrl, this.#options));
    }
    return sections;
  }
}

/** Id and lower-case handle: an operator may name an account by either. */
export function namesOf(name: QueryName): [string, string] {
  return [name.id, name.handle.toLowerCase()];
}

function addressesOf(link: QueryLink): string[] {
  const { shortUrl, expandedUrl, unwoundUrl } = link;
  return unwoundUrl === undefined ? [shortUrl, expandedUrl] : [shortUrl, expandedUrl, unwoundUrl];
}
