import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../credentials/caller.ts';

/** One request and the way to answer it, as handlers get it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** The values of the pattern's `:names`, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** Path pattern of the route, such as `/2/tweets/:id`: what limits are counted by. */
  readonly pattern: string;
  /** Headers that the answer will bear in any case; handlers that answer by themselves (streams) must send them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body as text. Throws BodyTooLarge, which the router answers. */
  readonly body: () => Promise<string>;
  /** The body as form fields (`application/x-www-form-urlencoded`); empty for other types. */
  readonly form: () => Promise<URLSearchParams>;
}

/** What a handler gives back for the router to send. */
export interface Answer {
  readonly status: number;
  /** Sent as JSON; a string goes out as it is (say its content-type in `headers`); undefined: no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Resolves to the answer, or to undefined when the handler has answered (and ended) by itself. */
export type Handler = (exchange: Exchange) => Answer | undefined | Promise<Answer | undefined>;
