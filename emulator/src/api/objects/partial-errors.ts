import type { Choices } from '../../uncertain/choices.ts';

/** An object in `errors` of an answer that is otherwise 200. Keys in the order of the recordings. */
export type PartialError = Readonly<Record<string, string>>;

export type ResourceType = 'user' | 'tweet';
type Section = 'data' | 'includes';

const TYPES = 'https://api.twitter.com/2/problems';

/** @param parameter the request's parameter that named it, or the path of the expansion */
export function notFound(resource_type: ResourceType, parameter: string, value: string): PartialError {
  return {
    value,
    detail: `Could not find ${resource_type} with ${parameter}: [${value}].`,
    title: 'Not Found Error',
    resource_type,
    parameter,
    resource_id: value,
    type: `${TYPES}/resource-not-found`,
  };
}

/** An account; for posts of one see `postUnseen`. */
export function suspended(parameter: string, value: string, resource_type: ResourceType = 'user'): PartialError {
  return {
    parameter,
    resource_id: value,
    value,
    detail: `User has been suspended: [${value}].`,
    title: 'Forbidden',
    resource_type,
    type: `${TYPES}/resource-not-found`,
  };
}

export function notAuthorized(
  resource_type: ResourceType,
  parameter: string,
  value: string,
  section: Section,
): PartialError {
  const what = resource_type === 'tweet' ? 'Tweet' : 'user';
  return {
    resource_id: value,
    parameter,
    resource_type,
    section,
    title: 'Authorization Error',
    value,
    detail: `Sorry, you are not authorized to see the ${what} with ${parameter}: [${value}].`,
    type: `${TYPES}/not-authorized-for-resource`,
  };
}

/** Why a post isn't shown. @param sight what `postSight` says */
export function postUnseen(
  sight: 'missing' | 'suspended' | 'protected',
  parameter: string,
  value: string,
  section: Section,
  choices: Choices,
): PartialError {
  if (sight === 'protected') return notAuthorized('tweet', parameter, value, section);
  if (sight === 'suspended' && choices['post-of-suspended'] === 'forbidden')
    return suspended(parameter, value, 'tweet');
  return notFound('tweet', parameter, value);
}

/** A field that only the owner sees, in user context. */
export function fieldRefused(field: string, parameter: string, value: string, section: Section): PartialError {
  return {
    resource_id: value,
    parameter,
    resource_type: 'tweet',
    section,
    title: 'Field Authorization Error',
    value,
    detail: `Sorry, you are not authorized to access '${field}' on the Tweet with ${parameter} : [${value}].`,
    field,
    type: `${TYPES}/not-authorized-for-field`,
  };
}
