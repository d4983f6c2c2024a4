/** One row of an export before it is written: what is stored of the post, and what its payload says, read when first asked for. */
import type { Account } from '../core/post.ts';
import { type PostDetails, postDetails } from '../platforms/x/post-details.ts';
import type { SelectedPost } from '../store/export/read-selected.ts';

/** `profile`: of the author as last seen, for payloads without it. `collections`: names by id. */
export type ExportContext = { profile: Account | undefined; collections: ReadonlyMap<number, string> };

export class ExportPost {
  readonly stored: SelectedPost;
  /** From 1 on, through all files of the export. */
  readonly rowNumber: number;
  readonly #context: ExportContext;
  #details: PostDetails | undefined;

  constructor(stored: SelectedPost, rowNumber: number, context: ExportContext) {
    this.stored = stored;
    this.rowNumber = rowNumber;
    this.#context = context;
  }

  get details(): PostDetails {
    this.#details ??= postDetails(this.stored.payload);
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
