import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, NOBODY } from '../credentials/caller.ts';
import { type Dialect, unsupportedKind } from './dialect.ts';
import type { Answer, Exchange } from './exchange.ts';
import { BodyTooLarge, readBody } from './read-body.ts';
import { compareRoutes, type CutRoute, cutRoute, matchPath, type Route } from './route.ts';
import { sendAnswer } from './send-answer.ts';

const MAX_BODY_BYTES = 65_536;

/** A way of proving who calls: bearer tokens, OAuth 1.0a signatures … The first scheme that gives an answer is believed. */
export interface AuthScheme {
  /** The caller; an Answer that refuses; undefined when the request doesn't use this scheme. */
  identify(exchange: Exchange): Promise<Caller | Answer | undefined> | Caller | Answer | undefined;
}

/** Counts a call before it is handled. */
export interface Gate {
  /** `headers` go onto the answer; `refusal` is the answer instead of the handler's. Called for every call of a known route and caller. */
  admit(exchange: Exchange, route: Route): { headers?: Readonly<Record<string, string>>; refusal?: Answer | undefined };
  /** Shown the answer of a call that was admitted, before it is sent; not called for handlers that answer by themselves. */
  settle?(exchange: Exchange, route: Route, answer: Answer): void;
}

/** Told of every answered call, for truth. */
export type Observer = (call: {
  readonly exchange: Exchange;
  readonly status: number;
  readonly refusedByGate: boolean;
}) => void;

export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly schemes: readonly AuthScheme[];
  readonly gates: readonly Gate[];
  readonly observe: Observer;
  /** Dialect of paths that no route knows: the first whose prefix fits. */
  readonly dialects: readonly (readonly [prefix: string, dialect: Dialect])[];
  /** Headers of every answer below such a prefix, made anew for each. */
  readonly standardHeaders: (pathname: string) => Record<string, string>;
  /** The last look at an answer before it goes out; gives the same one back when it may stay. */
  readonly finish?: (pathname: string, answer: Answer) => Answer;
}

/** A table of endpoints. Order for each request: path, credentials, method, gates (limits), handler. */
export class Router {
  readonly #options: RouterOptions;
  readonly #routes: readonly CutRoute[];

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#routes = options.routes.toSorted(compareRoutes).map(cutRoute);
  }

  /** Resolves when the answer has been handed over. Errors of handlers are thrown on, before anything was sent. */
  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const found = this.#find(request.method ?? '', url.pathname);
    const dialect = found.dialect;
    const maxBodyBytes = found.route?.maxBodyBytes ?? MAX_BODY_BYTES;
    const headers = this.#options.standardHeaders(url.pathname);
    let bodyRead: Promise<string> | undefined;
    const body = (): Promise<string> => (bodyRead ??= readBody(request, maxBodyBytes));
    const form = async (): Promise<URLSearchParams> => {
      const type = request.headers['content-type'] ?? '';
      return new URLSearchParams(/^application\/x-www-form-urlencoded\b/i.test(type) ? await body() : '');
    };
    const pattern = found.route?.path ?? '';
    let exchange: Exchange = {
      request,
      response,
      url,
      path: found.values,
      caller: NOBODY,
      pattern,
      headers,
      body,
      form,
    };
    let refusedByGate = false;
    let answer: Answer | undefined;
    try {
      const identified = await this.#identify(exchange, found.route);
      if ('status' in identified) answer = identified;
      else {
        exchange = { ...exchange, caller: identified };
        const { route } = found;
        if (route === undefined) answer = this.#noRoute(found, identified);
        else if (!route.callers.includes(identified.kind)) {
          answer =
            identified.kind === 'nobody'
              ? dialect.refuse('unauthorized')
              : dialect.refuse('wrong-kind-of-caller', unsupportedKind(identified.kind, route.callers));
        } else {
          const admitted = this.#admit(exchange, route);
          exchange = admitted.exchange;
          refusedByGate = admitted.refusal !== undefined;
          answer = admitted.refusal ?? (await route.handle(exchange));
          if (answer !== undefined && !refusedByGate) {
            for (const gate of this.#options.gates) gate.settle?.(exchange, route, answer);
          }
        }
      }
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error;
      answer = dialect.refuse('too-large', error.message);
    }
    if (answer !== undefined && !response.headersSent && !response.destroyed) {
      const finished = this.#options.finish?.(url.pathname, answer) ?? answer;
      sendAnswer(request, response, finished, exchange.headers);
    }
    this.#options.observe({ exchange, status: answer?.status ?? response.statusCode, refusedByGate });
  }

  #find(method: string, pathname: string): Found {
    let allowed: string[] | undefined;
    const given = pathname.split('/');
    for (const { route, segments } of this.#routes) {
      const values = matchPath(segments, given);
      if (values === undefined) continue;
      if (route.method === method) return { route, values, dialect: route.dialect, allowed: undefined };
      (allowed ??= []).push(route.method);
    }
    const [, dialect] = this.#options.dialects.find(([prefix]) => pathname.startsWith(prefix)) ?? [];
    if (dialect === undefined) throw new Error(`no dialect for ${pathname}`);
    return { route: undefined, values: {}, dialect, allowed };
  }

  async #identify(exchange: Exchange, route: Route | undefined): Promise<Caller | Answer> {
    // Open endpoints don't look at credentials, not even at wrong ones.
    if (route?.callers.includes('nobody')) return NOBODY;
    for (const scheme of this.#options.schemes) {
      const identified = await scheme.identify(exchange);
      if (identified !== undefined) return identified;
    }
    return NOBODY;
  }

  #noRoute({ dialect, allowed }: Found, caller: Caller): Answer {
    if (caller.kind === 'nobody' && dialect.hidesPaths) return dialect.refuse('unauthorized');
    if (allowed === undefined) return dialect.refuse('not-found');
    const answer = dialect.refuse('method-not-allowed');
    return { ...answer, headers: { ...answer.headers, allow: allowed.join(', ') } };
  }

  #admit(exchange: Exchange, route: Route): { exchange: Exchange; refusal?: Answer } {
    let admitted = exchange;
    for (const gate of this.#options.gates) {
      const { headers, refusal } = gate.admit(admitted, route);
      if (headers !== undefined) admitted = { ...admitted, headers: { ...admitted.headers, ...headers } };
      if (refusal !== undefined) return { exchange: admitted, refusal };
    }
    return { exchange: admitted };
  }
}

interface Found {
  readonly route: Route | undefined;
  readonly values: Record<string, string>;
  readonly dialect: Dialect;
  /** Methods that the path takes, when it is known but not with the one given. */
  readonly allowed: readonly string[] | undefined;
}
