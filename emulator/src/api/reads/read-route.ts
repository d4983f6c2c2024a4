import type { FaceParts } from '../../face-parts.ts';
import type { CallerKind } from '../../credentials/caller.ts';
import { V2 } from '../../http/dialect.ts';
import type { Answer, Exchange } from '../../http/exchange.ts';
import type { Route } from '../../http/route.ts';
import { type Fields, tweetFieldLists, userFieldLists } from '../field-names.ts';
import { type Viewer, viewerOf } from '../objects/sight.ts';
import { FORBIDDEN } from '../problems.ts';
import { ParameterReader, type ParameterRule, Parameters } from '../parameters.ts';
import { inVocabulary } from '../vocabulary.ts';

/** A question that has been read. */
export interface Ask {
  readonly parameters: Parameters;
  readonly fields: Fields;
  readonly viewer: Viewer;
}

/** A v2 endpoint that reads. */
export interface ReadEndpoint {
  readonly path: string;
  /** Default: apps and users. */
  readonly callers?: readonly CallerKind[];
  /** What a user must have granted to an OAuth 2 app. */
  readonly scopes: readonly string[];
  /** Its own parameters, in the order in which messages name them; those of fields and expansions are added. */
  readonly rules: readonly ParameterRule[];
  /** What it gives: decides about fields and expansions. */
  readonly shows: 'tweets' | 'users';
  /** The body in the words of 2.166, or an Answer when it isn't a 200. */
  readonly respond: (ask: Ask) => object | Refusal;
}

/** An answer that isn't a 200, told from a body by its class. */
export class Refusal {
  readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }
}

export const POST_SCOPES: readonly string[] = ['tweet.read', 'users.read'];
export const FOLLOW_SCOPES: readonly string[] = ['follows.read', ...POST_SCOPES];
const EVERYBODY: readonly CallerKind[] = ['app', 'user1', 'user2'];

/** The route of an endpoint: scopes are asked for, parameters read, the body put into the emulator's vocabulary. */
export function readRoute({ world, vocabulary }: FaceParts, endpoint: ReadEndpoint): Route {
  const { path, callers = EVERYBODY, scopes, rules, shows, respond } = endpoint;
  const lists = shows === 'tweets' ? tweetFieldLists(vocabulary) : userFieldLists(vocabulary);
  const reader = new ParameterReader(rules, lists);
  const handle = ({ url, path: values, caller }: Exchange): Answer => {
    if (caller.kind === 'user2' && !scopes.every((scope) => caller.scopes.has(scope))) return FORBIDDEN;
    const parameters = reader.read(url.searchParams, values);
    const worded = (answer: Answer): Answer => ({ ...answer, body: inVocabulary(vocabulary, answer.body) });
    if (!(parameters instanceof Parameters)) return worded(parameters);
    const ask: Ask = { parameters, fields: parameters.fields, viewer: viewerOf(caller, world.now()) };
    const body = respond(ask);
    return worded(body instanceof Refusal ? body.answer : { status: 200, body });
  };
  return { method: 'GET', path, callers, dialect: V2, handle };
}
