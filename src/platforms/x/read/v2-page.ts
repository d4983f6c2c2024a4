/** Reads answers of v2 into pages, in both vocabularies. */
import { type AccountId, parseAccountId, parsePostId } from '../../../core/ids.ts';
import type { ItemOutcome, JsonObject, PageContent, RawAnswer, Reading } from '../../read-adapter.ts';
import { accountV2 } from '../decode.ts';
import { outcomesOf } from './item-outcomes.ts';
import { bodyOf, problemsOf, readXRefusal } from './read-refusal.ts';
import { isObject } from '../json-values.ts';

/** What an endpoint hands out. */
export type Handout = 'posts' | 'accounts' | 'counts';

/** `subject`: the account or post whose list this is, by id, so that "not authorized" can be told from an empty list. */
export type V2Reading = { endpoint: string; handout: Handout; subject?: { kind: 'account' | 'post'; id: string } };

/** Reads one answer. `data` is absent when nothing matched; `errors` beside it are findings about single items, never a failure of the whole. */
export function readV2({ endpoint, handout, subject }: V2Reading, answer: RawAnswer): Reading {
  const body = bodyOf(answer);
  const problems = problemsOf(body);
  const outcomes = outcomesOf(problems, endpoint, answer.status);
  // Found so far only with 200; a 404 that names what is missing would be the same finding.
  const isFinding = answer.status === 404 && outcomes.some(({ isAsked }) => isAsked);
  if (answer.status !== 200 && !isFinding) return { kind: 'refused', refusal: readXRefusal(answer) };
  const isPage = isObject(body) && (body.data !== undefined || isObject(body.meta) || outcomes.length > 0);
  if (!isPage) return { kind: 'refused', refusal: unreadable(answer) };
  const { data, ...envelope } = body;
  const items = Array.isArray(data) ? data.filter(isObject) : isObject(data) ? [data] : [];
  const found = subject === undefined || items.length > 0 ? undefined : subjectOf(outcomes, subject);
  const meta = isObject(body.meta) ? body.meta : {};
  const { next_token: next } = meta;
  return {
    kind: 'page',
    page: {
      ...handedOut(handout, items),
      envelope,
      outcomes,
      ...(found === undefined ? {} : { subject: found }),
      ...(typeof next === 'string' && next !== '' ? { next } : {}),
      billed: handout === 'counts' ? 1 : items.length,
    },
  };
}

export function emptyPage(): PageContent {
  return { posts: [], accounts: [], accountIds: [], counts: [], envelope: {}, outcomes: [], billed: 0 };
}

/** What is no page though the status promised one. */
export function unreadable({ status, body }: RawAnswer): Extract<Reading, { kind: 'refused' }>['refusal'] {
  const sentence = `HTTP ${status} with ${body.length} bytes that are no answer of this endpoint`;
  return { kind: 'garbage', status, sentence, parameters: [] };
}

function handedOut(handout: Handout, items: JsonObject[]): Omit<PageContent, 'envelope' | 'outcomes' | 'billed'> {
  const page = emptyPage();
  for (const payload of items) {
    if (handout === 'counts') {
      const count = payload.tweet_count ?? payload.post_count;
      if (typeof payload.start === 'string' && typeof payload.end === 'string' && typeof count === 'number')
        page.counts.push({ start: payload.start, end: payload.end, count });
    } else if (handout === 'posts') {
      const postId = parsePostId(payload.id);
      if (postId !== undefined) page.posts.push({ postId, payload });
    } else {
      const accountId = parseAccountId(payload.id);
      if (accountId !== undefined) page.accounts.push(accountOf(accountId, payload));
    }
  }
  const { posts, accounts, accountIds, counts } = page;
  return { posts, accounts, accountIds, counts };
}

function accountOf(accountId: AccountId, payload: JsonObject): PageContent['accounts'][number] {
  return { accountId, account: accountV2(accountId, payload), payload };
}

function subjectOf(outcomes: ItemOutcome[], { kind, id }: NonNullable<V2Reading['subject']>): ItemOutcome | undefined {
  return outcomes.find((outcome) => outcome.isAsked && outcome.kind === kind && outcome.id === id);
}
