import { invalidRequest, wrongNames } from '../api/problems.ts';
import type { App } from '../credentials/app.ts';
import type { FaceParts } from '../face-parts.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import { DAY_MS } from './rate.ts';

const FIELDS = [
  'cap_reset_day',
  'daily_client_app_usage',
  'daily_project_usage',
  'project_cap',
  'project_id',
  'project_usage',
] as const;
type Field = (typeof FIELDS)[number];
const DEFAULT_FIELDS: readonly Field[] = ['cap_reset_day', 'project_cap', 'project_id', 'project_usage'];
const PARAMETERS = ['days', 'usage.fields'];
/** Told where there is no cap of its own: that of pay-per-use. */
const USUAL_CAP = 3_000_000;

/** `GET /2/usage/tweets`: posts read this month, and by day. One project per app; its id is the app's. */
export function usageRoutes(parts: FaceParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/2/usage/tweets',
      callers: ['app'],
      dialect: V2,
      handle: (exchange) => usage(exchange, parts),
    },
  ];
}

function usage({ url: { searchParams }, caller }: Exchange, parts: FaceParts): Answer {
  if (caller.kind === 'nobody') return V2.refuse('unauthorized');
  const errors = wrongNames(searchParams, PARAMETERS);
  const given = searchParams.get('days') ?? '7';
  const days = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (!(days >= 1 && days <= 90)) {
    const message = `The \`days\` query parameter value [${given}] is not between 1 and 90`;
    errors.push({ parameters: { days: [given] }, message });
  }
  const asked = (searchParams.get('usage.fields') ?? '').split(',').filter((field) => field !== '');
  for (const field of asked) {
    if (FIELDS.some((known) => known === field)) continue;
    const message = `The \`usage.fields\` query parameter value [${field}] is not one of [${FIELDS.join(',')}]`;
    errors.push({ parameters: { 'usage.fields': [asked.join(',')] }, message });
  }
  if (errors.length > 0) return invalidRequest(errors);
  const wanted = new Set<string>([...DEFAULT_FIELDS, ...asked]);
  const all = fieldsOf(caller.app, days, parts, numberTeller(parts));
  return {
    status: 200,
    body: { data: Object.fromEntries(FIELDS.flatMap((f) => (wanted.has(f) ? [[f, all[f]]] : []))) },
  };
}

/** 2.167 writes sums as text, and ids always so; 2.166 as numbers; unless chosen otherwise. */
function numberTeller({ vocabulary, choices }: FaceParts): (number: number) => number | string {
  const chosen = choices['usage-numbers'];
  if (chosen !== 'vocabulary') return chosen === 'number' ? Number : String;
  return vocabulary === '2.166' ? Number : String;
}

function fieldsOf(
  app: App,
  days: number,
  { meter, access, clock, choices }: FaceParts,
  tell: (number: number) => number | string,
): Record<Field, unknown> {
  const { monthlyPosts } = access.settings;
  const now = clock.now();
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const read = meter.usage(app, days);
  // The lists must not be empty: without any, today's nought is told.
  const daily = (read.length > 0 ? read : [{ day: today, posts: 0 }]).map(({ day, posts }) => ({
    date: new Date(day).toISOString(),
    usage: tell(posts),
  }));
  const byDay = daily.map(({ date, usage: tweets_consumed }) => ({
    date: date.slice(0, 'YYYY-MM-DD'.length),
    usage: [{ app_id: app.id, tweets_consumed }],
  }));
  const date = new Date(now);
  const nextMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return {
    cap_reset_day: Math.ceil((nextMonth - today) / DAY_MS),
    daily_client_app_usage: [{ client_app_id: app.id, usage: daily, usage_result_count: daily.length }],
    daily_project_usage:
      choices['usage-days'] === 'documents' ? byDay : { project_id: tell(Number(app.id)), usage: daily },
    project_cap: tell(Number.isFinite(monthlyPosts) ? monthlyPosts : USUAL_CAP),
    project_id: app.id,
    project_usage: tell(meter.balance(app).posts),
  };
}
