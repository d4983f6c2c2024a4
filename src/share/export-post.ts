/** One row of an export before it is written: what is stored of the post, and what its payload says, read when first asked for. */
import type { Account } from '../core/post.ts';
import { type PostDetails, postDetails } from '../platforms/x/post-details.ts';
import { redactPayload, type Redaction } from '../platforms/x/redact-payload.ts';
import type { SelectedPost } from '../store/export/read-selected.ts';

/** `profile`: of the author as last seen, for payloads without it. `collections`: names by id. `honour`: what was taken back is left out of payloads. */
export type ExportContext = { profile: Account | undefined; collections: ReadonlyMap<number, string>; honour: boolean };

export class ExportPost {
  readonly stored: SelectedPost;
  /** From 1 on, through all files of the export. */
  readonly rowNumber: number;
  readonly #context: ExportContext;
  #details: PostDetails | undefined;

  /** Whether the payload is not all that was received, because some of it was taken back. */
  readonly isRedacted: boolean;

  constructor(stored: SelectedPost, rowNumber: number, context: ExportContext) {
    const redaction = context.honour ? redactionOf(stored) : undefined;
    this.isRedacted = redaction !== undefined;
    this.stored =
      redaction === undefined
        ? stored
        : { ...stored, payload: Buffer.from(redactPayload(stored.payload.toString(), redaction)) };
    this.rowNumber = rowNumber;
    this.#context = context;
  }

  get details(): PostDetails {
    this.#details ??= postDetails(this.stored.payload.toString());
    return this.#details;
  }

  /** The author as the payload has it; where it has none, as last seen. */
  get author(): Account | undefined {
    return this.details.author ?? this.#context.profile;
  }

  get collection(): string | undefined {
    return this.#context.collections.get(this.stored.collectionId);
  }

  /** The id of the first reference of a type. */
  reference(type: RegExp): string | undefined {
    return this.stored.references.find((reference) => type.test(reference.type))?.postId;
  }
}

/** What must go from a payload; undefined for nothing, and where there is no payload. */
function redactionOf({ payload, withdrawn, withdrawnReferences }: SelectedPost): Redaction | undefined {
  if ((withdrawn === null && withdrawnReferences === null) || payload.length === 0) return undefined;
  const places = withdrawn?.split(' ').includes('places') ?? false;
  const posts = new Set(withdrawnReferences?.split(' '));
  return places || posts.size > 0 ? { places, posts } : undefined;
}
