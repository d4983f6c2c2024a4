/** Typed calls of the server: `await api.GET('/api/v1/session')` gives `{ data }`, or throws ApiError in the server's own words. */
import createClient, { type Middleware } from 'openapi-fetch';
import { base } from './base.ts';
import { ApiError, readProblem } from './client.ts';
import type { paths } from './openapi.d.ts';

/** Refusals become exceptions, so that react-query sees them. */
const throwProblems: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw new ApiError(await readProblem(response));
    return undefined;
  },
};

export const api = createClient<paths>({
  baseUrl: `${globalThis.location?.origin ?? ''}${base}`,
  headers: { accept: 'application/json' },
});
api.use(throwProblems);

/** The data of a call that gave some; `throwProblems` has thrown where there was none. */
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
