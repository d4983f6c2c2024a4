import { partsOf, bodyParts, type Part, postAddress } from './render-text.ts';
import type {
  QueryAuthor,
  QueryLink,
  QueryMedia,
  QueryName,
  QueryPlace,
  QueryPost,
  QueryReply,
} from '../query/query-post.ts';
import { postId } from '../world/ids.ts';
import type { Account, AccountCounts, Post, PostMetrics, PostReference, World } from '../world/model.ts';

/**
 * A post of the world as rules and queries ask about it. Everything is made when it is first asked for.
 * @param at the instant whose handles, counts and metrics are told, Unix ms of the world
 */
export function queryablePost(world: World, post: Post, at: number): QueryPost {
  return new QueryablePost(world, post, at);
}

class QueryablePost implements QueryPost {
  readonly #world: World;
  readonly #post: Post;
  readonly #at: number;
  #kept: readonly Part[] | undefined;
  #keptAuthor: QueryAuthor | undefined;
  #keptMetrics: PostMetrics | undefined;
  #inner: { readonly repost: QueryPost | undefined; readonly quote: QueryPost | undefined } | undefined;

  constructor(world: World, post: Post, at: number) {
    this.#world = world;
    this.#post = post;
    this.#at = at;
  }

  get id(): string {
    return this.#post.id;
  }

  get text(): string {
    return this.#parts.map(({ text }) => text).join('');
  }

  get author(): QueryAuthor {
    return (this.#keptAuthor ??= new QueryableAuthor(this.#world, this.#post.author, this.#at));
  }

  get language(): string {
    return this.#post.language;
  }

  get program(): string {
    return this.#post.program;
  }

  get hashtags(): readonly string[] {
    return this.#parts.flatMap(({ tag }) => tag ?? []);
  }

  get cashtags(): readonly string[] {
    return this.#parts.flatMap(({ symbol }) => symbol ?? []);
  }

  get mentions(): readonly QueryName[] {
    return this.#parts.flatMap(({ mention }) => (mention === undefined ? [] : [this.#nameOf(mention)]));
  }

  get links(): readonly QueryLink[] {
    return this.#parts.flatMap(({ text, link }) =>
      link === undefined ? [] : [{ shortUrl: text, expandedUrl: link.address, ...NOT_UNWOUND }],
    );
  }

  get media(): readonly QueryMedia[] {
    const { media, author } = this.#post;
    if (media.length === 0) return NOTHING;
    const address = postAddress(this.#world.handleAt(author, this.#at), this.#post);
    return media.map(({ kind }) => ({ kind, expandedUrl: `${address}/${kind === 'photo' ? 'photo' : 'video'}/1` }));
  }

  get contexts(): readonly string[] {
    return NOTHING;
  }

  get entities(): readonly string[] {
    return NOTHING;
  }

  get conversationId(): string {
    return postId(this.#post.thread);
  }

  get inReplyTo(): QueryReply | undefined {
    const { kind, about } = this.#post;
    if (kind !== 'reply' || about === undefined) return undefined;
    return {
      postId: postId(about),
      account: { ...this.#nameOf(about.author), affiliations: NOTHING },
    };
  }

  get repostOf(): QueryPost | undefined {
    return this.#others.repost;
  }

  get quoteOf(): QueryPost | undefined {
    return this.#others.quote;
  }

  get place(): QueryPlace | undefined {
    return this.#world.placeAt(this.#post, this.#at)?.place;
  }

  get coordinates(): readonly [number, number] | undefined {
    const coordinates = this.#world.placeAt(this.#post, this.#at)?.coordinates;
    return coordinates && [coordinates.longitude, coordinates.latitude];
  }

  get likes(): number {
    return this.#metrics.likes;
  }

  get replies(): number {
    return this.#metrics.replies;
  }

  get reposts(): number {
    return this.#metrics.reposts;
  }

  get promotedOnly(): boolean {
    return false;
  }

  /** A long post is cut only for reading. */
  get #parts(): readonly Part[] {
    this.#kept ??=
      this.#post.long && this.#post.kind !== 'repost'
        ? bodyParts(this.#world, this.#post, this.#post)
        : partsOf(this.#world, this.#post);
    return this.#kept;
  }

  get #metrics(): PostMetrics {
    return (this.#keptMetrics ??= this.#world.metricsAt(this.#post, this.#at));
  }

  get #others(): { readonly repost: QueryPost | undefined; readonly quote: QueryPost | undefined } {
    if (this.#inner !== undefined) return this.#inner;
    const { kind, about, alsoQuotes } = this.#post;
    this.#inner = {
      repost: kind === 'repost' ? this.#found(about) : undefined,
      quote: this.#found(kind === 'quote' ? about : alsoQuotes),
    };
    return this.#inner;
  }

  #found(reference: PostReference | undefined): QueryPost | undefined {
    const post = reference && this.#world.post(reference);
    return post && new QueryablePost(this.#world, post, this.#at);
  }

  #nameOf(account: number): QueryName {
    return { id: this.#world.account(account).id, handle: this.#world.handleAt(account, this.#at) };
  }
}

class QueryableAuthor implements QueryAuthor {
  readonly handle: string;
  readonly #world: World;
  readonly #account: Account;
  readonly #at: number;
  #kept: AccountCounts | undefined;

  constructor(world: World, number: number, at: number) {
    this.#world = world;
    this.#account = world.account(number);
    this.#at = at;
    this.handle = world.handleAt(number, at);
  }

  get id(): string {
    return this.#account.id;
  }

  get displayName(): string {
    return this.#account.displayName;
  }

  get bio(): string {
    return this.#account.description;
  }

  get location(): string {
    return this.#account.place ?? '';
  }

  get verified(): boolean {
    return this.#account.verified;
  }

  get followers(): number {
    return this.#counts.followers;
  }

  get following(): number {
    return this.#counts.following;
  }

  get posts(): number {
    return this.#counts.posts;
  }

  get listed(): number {
    return this.#counts.listed;
  }

  get affiliations(): readonly QueryName[] {
    return NOTHING;
  }

  get lists(): readonly string[] {
    return NOTHING;
  }

  get #counts(): AccountCounts {
    return (this.#kept ??= this.#world.countsAt(this.#account.number, this.#at));
  }
}

const NOTHING: readonly never[] = [];
const NOT_UNWOUND = { unwoundUrl: undefined, title: undefined, description: undefined };
