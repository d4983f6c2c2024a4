import { POST_SCOPES, readRoute } from './read-route.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { Route } from '../../http/route.ts';
import { DocumentBuilder } from '../objects/document.ts';
import { type PartialError, postUnseen } from '../objects/partial-errors.ts';
import { postById, type Viewer } from '../objects/sight.ts';
import type { Post } from '../../world/model.ts';

const MOST_IDS = 100;

/** `GET /2/tweets` and `GET /2/tweets/:id`. A post that isn't to be had is a partial error, and the status is 200 all the same. */
export function postLookupRoutes(parts: FaceParts): Route[] {
  const { world, choices } = parts;
  return [
    readRoute(parts, {
      path: '/2/tweets',
      scopes: POST_SCOPES,
      rules: [{ name: 'ids', kind: 'ids', most: MOST_IDS, required: true }],
      shows: 'tweets',
      respond: ({ parameters, fields, viewer }) => {
        const builder = new DocumentBuilder(world, fields, viewer, choices);
        const data = parameters.list('ids').flatMap((id) => {
          const post = lookUp(parts, id, 'ids', viewer, builder);
          return post === undefined ? [] : [builder.post(post, 'ids')];
        });
        return builder.finish(data);
      },
    }),
    readRoute(parts, {
      path: '/2/tweets/:id',
      scopes: POST_SCOPES,
      rules: [{ name: 'id', kind: 'id', path: true, required: true }],
      shows: 'tweets',
      respond: ({ parameters, fields, viewer }) => {
        const builder = new DocumentBuilder(world, fields, viewer, choices);
        const post = lookUp(parts, parameters.text('id') ?? '', 'id', viewer, builder);
        return builder.finish(post && builder.post(post, 'id'));
      },
    }),
  ];
}

function lookUp(
  parts: Pick<FaceParts, 'world' | 'choices'>,
  id: string,
  parameter: string,
  viewer: Viewer,
  builder: DocumentBuilder,
): Post | undefined {
  const found = seenPost(parts, id, parameter, viewer);
  if ('post' in found) return found.post;
  builder.complain(found.error);
  return undefined;
}

/** A post that a request names, or the partial error that says why it isn't shown. */
export function seenPost(
  { world, choices }: Pick<FaceParts, 'world' | 'choices'>,
  id: string,
  parameter: string,
  viewer: Viewer,
): { readonly post: Post } | { readonly error: PartialError } {
  const sight = postById(world, id, viewer);
  return typeof sight === 'string' ? { error: postUnseen(sight, parameter, id, 'data', choices) } : sight;
}
