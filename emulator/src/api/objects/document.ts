import { mediaKey, mediaObject, placeObject, pollObject } from './attachments.ts';
import { fieldRefused, notFound, type PartialError, postUnseen, suspended } from './partial-errors.ts';
import { isSamePost, noteParts, postObject, shownTweetFields, versionsBy } from './post-object.ts';
import { accountSight, postById, type PostSight, referencedPost, type Viewer } from './sight.ts';
import { mostRecentPost, pinnedPost, userObject } from './user-object.ts';
import type { Fields } from '../field-names.ts';
import { type Part, partsOf } from '../render-text.ts';
import type { Choices } from '../../uncertain/choices.ts';
import { postId } from '../../world/ids.ts';
import type { Post, PostReference, World } from '../../world/model.ts';

/** What an answer or a stream line is made of. Keys that would be empty are absent. */
export interface Document {
  readonly data?: object | readonly object[];
  readonly includes?: Readonly<Record<string, readonly object[]>>;
  readonly errors?: readonly PartialError[];
}

/** Fields that need the owner's own token. */
const OWNERS_FIELDS: readonly string[] = ['non_public_metrics', 'organic_metrics', 'promoted_metrics'];

/** One post with all that `fields` expands, as a single lookup and as a stream line give it: `data` is the post. */
export function tweetDocument(
  world: World,
  post: Post,
  fields: Fields,
  viewer: Viewer,
  choices: Choices,
): Document & { readonly data: object } {
  const builder = new DocumentBuilder(world, fields, viewer, choices);
  const data = builder.post(post, 'id');
  return { ...builder.finish(data), data };
}

/** Collects the objects of one answer: each included object once, in the order in which they are met. */
export class DocumentBuilder {
  readonly #world: World;
  readonly #fields: Fields;
  readonly #viewer: Viewer;
  readonly #choices: Choices;
  readonly #tweetFields: ReadonlySet<string>;
  readonly #userFields: ReadonlySet<string>;
  readonly #includes = {
    users: new Map<string, object>(),
    tweets: new Map<string, object>(),
    media: new Map<string, object>(),
    places: new Map<string, object>(),
    polls: new Map<string, object>(),
  };
  readonly #errors: PartialError[] = [];
  readonly #complained = new Set<string>();

  constructor(world: World, fields: Fields, viewer: Viewer, choices: Choices) {
    this.#world = world;
    this.#fields = fields;
    this.#viewer = viewer;
    this.#choices = choices;
    this.#tweetFields = shownTweetFields(fields);
    this.#userFields = shownUserFields(fields);
  }

  /** An error about something asked for, in front of those of expansions when it is added first. */
  complain(error: PartialError): void {
    const key = `${error['parameter']} ${error['value']} ${error['field'] ?? ''}`;
    if (this.#complained.has(key)) return;
    this.#complained.add(key);
    this.#errors.push(error);
  }

  /** A post for `data`; what it expands goes to `includes`. */
  post(post: Post, parameter: string): object {
    this.#refuseFields(post, parameter);
    this.#expand(post);
    return postObject(this.#world, post, this.#tweetFields, this.#viewer);
  }

  /** An account for `data`. It must be one that can be looked up. */
  user(account: number): object {
    const { expansions } = this.#fields;
    if (expansions.has('pinned_tweet_id')) {
      this.#includePost(pinnedPost(this.#world, account, this.#viewer), 'pinned_tweet_id');
    }
    if (expansions.has('most_recent_tweet_id')) {
      this.#includePost(mostRecentPost(this.#world, account, this.#viewer), 'most_recent_tweet_id');
    }
    return userObject(this.#world, account, this.#userFields, this.#viewer);
  }

  /** The whole of it, keys in the platform's order. @param data undefined or an empty list: the key is left out */
  finish(data: object | readonly object[] | undefined): Document {
    const includes: Record<string, readonly object[]> = {};
    for (const [name, objects] of Object.entries(this.#includes)) {
      if (objects.size > 0) includes[name] = [...objects.values()];
    }
    const isEmpty = data === undefined || (Array.isArray(data) && data.length === 0);
    return {
      ...(!isEmpty && { data }),
      ...(Object.keys(includes).length > 0 && { includes }),
      ...(this.#errors.length > 0 && { errors: this.#errors }),
    };
  }

  #refuseFields(post: Post, parameter: string): void {
    if (this.#choices['private-metrics'] === 'absent') return;
    const isOwner = this.#viewer.account === post.author;
    for (const field of OWNERS_FIELDS) {
      // Nothing here was ever promoted, so that those numbers are not even the owner's to see.
      if (!this.#fields.tweet.has(field) || (isOwner && field !== 'promoted_metrics')) continue;
      this.complain(fieldRefused(field, parameter, post.id, 'data'));
    }
  }

  #expand(post: Post): void {
    const { expansions } = this.#fields;
    if (expansions.size === 0) return;
    const { about } = post;
    if (expansions.has('author_id')) this.#includeUser(post.author, 'author_id');
    if (expansions.has('in_reply_to_user_id') && post.kind === 'reply' && about !== undefined) {
      this.#includeUser(about.author, 'in_reply_to_user_id');
    }
    if (expansions.has('entities.mentions.username')) {
      this.#includeMentioned(partsOf(this.#world, post), 'entities.mentions.username');
    }
    if (expansions.has('entities.note.mentions.username')) {
      this.#includeMentioned(noteParts(this.#world, post) ?? [], 'entities.note.mentions.username');
    }
    if (expansions.has('attachments.media_keys')) this.#includeMedia(post);
    const { poll } = post;
    const place = expansions.has('geo.place_id') ? this.#world.placeAt(post, this.#viewer.at)?.place : undefined;
    if (expansions.has('attachments.poll_ids') && poll !== undefined) {
      const votes = this.#world.metricsAt(post, this.#viewer.at).votes;
      this.#includes.polls.set(poll.id, pollObject(poll, votes, this.#fields, this.#viewer.at));
    }
    if (place !== undefined && !this.#includes.places.has(place.id)) {
      this.#includes.places.set(place.id, placeObject(place, this.#fields));
    }
    for (const reference of [about, post.alsoQuotes]) if (reference !== undefined) this.#expandReference(reference);
    if (expansions.has('edit_history_tweet_ids') && this.#choices['earlier-versions'] === 'included') {
      for (const version of versionsBy(post, this.#viewer.at)) {
        if (!isSamePost(version, post)) this.#includeReferenced(version, 'edit_history_tweet_ids');
      }
    }
  }

  #expandReference(reference: PostReference): void {
    const { expansions } = this.#fields;
    const withAuthor = expansions.has('referenced_tweets.id.author_id');
    const withMedia = expansions.has('referenced_tweets.id.attachments.media_keys');
    if (!withAuthor && !withMedia && !expansions.has('referenced_tweets.id')) return;
    const post = this.#includeReferenced(reference, 'referenced_tweets.id');
    if (post === undefined) return;
    if (withAuthor) this.#includeUser(post.author, 'referenced_tweets.id.author_id');
    if (withMedia) this.#includeMedia(post);
  }

  #includePost(id: string | undefined, path: string): void {
    if (id === undefined) return;
    this.#includeSeen(postById(this.#world, id, this.#viewer), id, path);
  }

  #includeReferenced(reference: PostReference, path: string): Post | undefined {
    return this.#includeSeen(referencedPost(this.#world, reference, this.#viewer), postId(reference), path);
  }

  #includeSeen(sight: PostSight, id: string, path: string): Post | undefined {
    if (typeof sight === 'string') this.complain(postUnseen(sight, path, id, 'includes', this.#choices));
    else {
      const { post } = sight;
      if (!this.#includes.tweets.has(id)) {
        this.#includes.tweets.set(id, postObject(this.#world, post, this.#tweetFields, this.#viewer));
      }
      return post;
    }
    return undefined;
  }

  /** @param shown how the post names the account, when not by its id */
  #includeUser(account: number, path: string, shown?: string): void {
    const { id } = this.#world.account(account);
    if (this.#includes.users.has(id)) return;
    // Protected accounts are seen, only their posts are not.
    const sight = accountSight(this.#world, account, this.#viewer);
    if (sight === 'suspended') this.complain(suspended(path, shown ?? id));
    else if (sight === 'gone') this.complain(notFound('user', path, shown ?? id));
    else this.#includes.users.set(id, userObject(this.#world, account, this.#userFields, this.#viewer));
  }

  #includeMentioned(parts: readonly Part[], path: string): void {
    for (const { mention, text } of parts) if (mention !== undefined) this.#includeUser(mention, path, text.slice(1));
  }

  #includeMedia(post: Post): void {
    for (const media of post.media) {
      const key = mediaKey(media);
      if (this.#includes.media.has(key)) continue;
      const views = (): number => this.#world.metricsAt(post, this.#viewer.at).impressions;
      this.#includes.media.set(key, mediaObject(media, this.#fields, views));
    }
  }
}

/** An expansion makes the field show up that it expands. */
function shownUserFields({ user, expansions }: Fields): ReadonlySet<string> {
  const added = ['pinned_tweet_id', 'most_recent_tweet_id'].filter((name) => expansions.has(name));
  return added.length === 0 ? user : new Set([...user, ...added]);
}
