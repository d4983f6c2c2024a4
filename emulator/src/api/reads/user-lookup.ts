import { POST_SCOPES, readRoute } from './read-route.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { Route } from '../../http/route.ts';
import { DocumentBuilder } from '../objects/document.ts';
import { notAuthorized, notFound, type PartialError, suspended } from '../objects/partial-errors.ts';
import { accountSight, type Viewer } from '../objects/sight.ts';
import type { ParameterRule } from '../parameters.ts';
import type { World } from '../../world/model.ts';

const MOST = 100;

/** `GET /2/users`, `/2/users/by`, `/2/users/:id`, `/2/users/by/username/:username` and `/2/users/me`. */
export function userLookupRoutes(parts: FaceParts): Route[] {
  const { world, choices } = parts;
  const many = (path: string, name: 'ids' | 'usernames'): Route => {
    const kind = name === 'ids' ? 'ids' : 'handles';
    const rule: ParameterRule = { name, kind, most: MOST, required: true };
    return readRoute(parts, {
      path,
      scopes: POST_SCOPES,
      rules: [rule],
      shows: 'users',
      respond: ({ parameters, fields, viewer }) => {
        const builder = new DocumentBuilder(world, fields, viewer, choices);
        const data = parameters.list(name).flatMap((value) => {
          const account = lookUp(world, name, value, viewer, builder);
          return account === undefined ? [] : [builder.user(account)];
        });
        return builder.finish(data);
      },
    });
  };
  const one = (path: string, name: 'id' | 'username'): Route =>
    readRoute(parts, {
      path,
      scopes: POST_SCOPES,
      rules: [{ name, kind: name === 'id' ? 'id' : 'handle', path: true, required: true }],
      shows: 'users',
      respond: ({ parameters, fields, viewer }) => {
        const builder = new DocumentBuilder(world, fields, viewer, choices);
        const account = lookUp(world, name, parameters.text(name) ?? '', viewer, builder);
        return builder.finish(account === undefined ? undefined : builder.user(account));
      },
    });
  return [
    many('/2/users', 'ids'),
    many('/2/users/by', 'usernames'),
    one('/2/users/:id', 'id'),
    one('/2/users/by/username/:username', 'username'),
    readRoute(parts, {
      path: '/2/users/me',
      callers: ['user1', 'user2'],
      scopes: POST_SCOPES,
      rules: [],
      shows: 'users',
      respond: ({ fields, viewer }) => {
        const builder = new DocumentBuilder(world, fields, viewer, choices);
        return builder.finish(viewer.account === undefined ? undefined : builder.user(viewer.account));
      },
    }),
  ];
}

function lookUp(
  world: World,
  parameter: 'id' | 'ids' | 'username' | 'usernames',
  value: string,
  viewer: Viewer,
  builder: DocumentBuilder,
): number | undefined {
  const isId = parameter === 'id' || parameter === 'ids';
  const account = isId ? world.accountById(value, viewer.at) : world.accountByHandle(value, viewer.at);
  const error = reasonAgainst(world, account, parameter, value, viewer);
  if (error === undefined) return account;
  builder.complain(error);
  return undefined;
}

/** Why an account can't be looked up; protected ones can. */
function reasonAgainst(
  world: World,
  account: number | undefined,
  parameter: string,
  value: string,
  viewer: Viewer,
): PartialError | undefined {
  const sight = account === undefined ? 'gone' : accountSight(world, account, viewer);
  if (sight === 'gone') return notFound('user', parameter, value);
  return sight === 'suspended' ? suspended(parameter, value) : undefined;
}

/** The account of `/2/users/:id/…`, or the partial error that says why its posts and follows aren't shown. */
export function seenAccount(
  world: World,
  id: string,
  viewer: Viewer,
): { readonly account: number } | { readonly error: PartialError } {
  const account = world.accountById(id, viewer.at);
  const error = reasonAgainst(world, account, 'id', id, viewer);
  if (account === undefined || error !== undefined) return { error: error ?? notFound('user', 'id', id) };
  if (accountSight(world, account, viewer) === 'protected') return { error: notAuthorized('user', 'id', id, 'data') };
  return { account };
}
