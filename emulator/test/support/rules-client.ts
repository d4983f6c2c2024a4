import { DEFAULT_TOKEN } from '../../src/start-emulator.ts';

export interface RulesAnswer {
  readonly status: number;
  readonly body: {
    data?: { id: string; value: string; tag?: string }[];
    meta: { sent: string; result_count?: number; next_token?: string; summary?: Record<string, number> };
    errors?: Record<string, unknown>[];
    [key: string]: unknown;
  };
}

export const RULES = '/2/tweets/search/stream/rules';

/** Calls an endpoint of v2 with the app's token; an object is sent as JSON, a string as it is. */
export async function callV2(
  url: string,
  path: string,
  options: { readonly method?: string; readonly body?: unknown; readonly token?: string } = {},
): Promise<RulesAnswer> {
  const { method = options.body === undefined ? 'GET' : 'POST', token = DEFAULT_TOKEN, body } = options;
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as RulesAnswer['body'] };
}

/** Adds rules and gives back their ids. */
export async function addRules(url: string, ...rules: readonly { value: string; tag?: string }[]): Promise<string[]> {
  const { body } = await callV2(url, RULES, { body: { add: rules } });
  return (body.data ?? []).map(({ id }) => id);
}
