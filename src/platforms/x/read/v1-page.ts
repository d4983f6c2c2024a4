/** Reads answers of v1.1 into pages. */
import { type AccountId, parseAccountId, parsePostId } from '../../../core/ids.ts';
import type { ItemOutcome, JsonObject, PageContent, RawAnswer, Reading } from '../../read-adapter.ts';
import { accountV11 } from '../decode.ts';
import { legacyOutcome } from './item-outcomes.ts';
import { bodyOf, problemsOf, readXRefusal } from './read-refusal.ts';
import { emptyPage, unreadable } from './v2-page.ts';
import { isObject } from '../json-values.ts';

/** Whose list it is, or what was asked for. Look-ups drop what they cannot show without a word, so that what was asked must be known. */
export type LegacyReading = {
  endpoint: string;
  shape: 'statuses' | 'status-map' | 'users' | 'search' | 'user-cursor' | 'id-cursor';
  subject?: { id?: string; handle?: string };
  asked?: { ids?: readonly string[]; handles?: readonly string[] };
};

/** Reads one answer; v1.1 costs nothing. */
export function readLegacy(reading: LegacyReading, answer: RawAnswer): Reading {
  const { endpoint, shape, subject, asked } = reading;
  const { status } = answer;
  const body = bodyOf(answer);
  if (status !== 200) {
    const problems = problemsOf(body);
    const found = legacyOutcome(problems, { kind: 'account', ...subject, endpoint, status });
    if (subject !== undefined && found !== undefined)
      return { kind: 'page', page: { ...emptyPage(), outcomes: [found], subject: found } };
    // Nobody of those asked for can be shown.
    if (shape === 'users' && asked !== undefined && status === 404 && problems.some(({ code }) => code === 17))
      return { kind: 'page', page: { ...emptyPage(), outcomes: missing(reading, status, [], new Set()) } };
    return { kind: 'refused', refusal: readXRefusal(answer) };
  }
  const page = emptyPage();
  if (shape === 'id-cursor' && isObject(body) && Array.isArray(body.ids)) {
    for (const id of body.ids) push(page.accountIds, parseAccountId(typeof id === 'number' ? String(id) : id));
  } else if (shape === 'user-cursor' && isObject(body) && Array.isArray(body.users)) {
    page.accounts.push(...accountsOf(body.users));
  } else if (shape === 'users' && Array.isArray(body)) {
    page.accounts.push(...accountsOf(body));
  } else if (shape === 'search' && isObject(body) && Array.isArray(body.statuses)) {
    page.posts.push(...postsOf(body.statuses));
  } else if (shape === 'statuses' && Array.isArray(body)) {
    page.posts.push(...postsOf(body));
  } else if (shape === 'status-map' && isObject(body) && isObject(body.id)) {
    page.posts.push(...postsOf(Object.values(body.id)));
  } else return { kind: 'refused', refusal: unreadable(answer) };
  const next = isObject(body) ? cursorOf(body) : undefined;
  const { ids, handles } = { ids: page.posts.map(({ postId }) => postId as string), handles: new Set<string>() };
  for (const { accountId, account } of page.accounts) {
    ids.push(accountId);
    if (account.handle !== undefined) handles.add(account.handle.toLowerCase());
  }
  return {
    kind: 'page',
    page: {
      ...page,
      envelope: isObject(body) ? body : {},
      outcomes: missing(reading, status, ids, handles),
      ...(next === undefined ? {} : { next }),
    },
  };
}

/** Asked for and not there. v1.1 gives no reason; only whole answers are told by a code. */
function missing(
  { endpoint, shape, asked }: LegacyReading,
  status: number,
  ids: readonly string[],
  handles: ReadonlySet<string>,
): ItemOutcome[] {
  const there = new Set(ids);
  const isPosts = shape === 'status-map';
  const outcome = (who: { id: string } | { handle: string }): ItemOutcome => ({
    ...{ kind: isPosts ? 'post' : 'account', ...who, outcome: 'not_found', isAsked: true },
    evidence: {
      endpoint,
      status,
      code: isPosts ? 'null' : 'left-out',
      sentence: 'v1.1 left it out and does not say why',
    },
  });
  return [
    ...(asked?.ids ?? []).filter((id) => !there.has(id)).map((id) => outcome({ id })),
    ...(asked?.handles ?? [])
      .filter((handle) => !handles.has(handle.toLowerCase()))
      .map((handle) => outcome({ handle })),
  ];
}

function cursorOf({ next_cursor_str: text, next_cursor: number }: JsonObject): string | undefined {
  const cursor = typeof text === 'string' ? text : typeof number === 'number' ? String(number) : number;
  return typeof cursor !== 'string' || cursor === '0' ? undefined : cursor;
}

function postsOf(statuses: readonly unknown[]): PageContent['posts'] {
  return statuses.filter(isObject).flatMap((payload) => {
    const postId = parsePostId(payload.id_str);
    return postId === undefined ? [] : [{ postId, payload }];
  });
}

function accountsOf(users: readonly unknown[]): PageContent['accounts'] {
  return users.filter(isObject).flatMap((payload) => {
    const accountId = parseAccountId(payload.id_str);
    return accountId === undefined ? [] : [{ accountId, account: accountV11(accountId, payload), payload }];
  });
}

function push(list: AccountId[], id: AccountId | undefined): void {
  if (id !== undefined) list.push(id);
}
