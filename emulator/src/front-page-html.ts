import type { FaceParts } from './face-parts.ts';
import { escapeHtml } from './sign-in/page.ts';

const CLOSED_SHOWN = 5;
/** Columns of numbers stand to the right, their titles too. */
const NUMBERS = new Set(['Followers', 'Posts', 'Posts sent', 'Made', 'Answered', 'Refused by limits', 'Failed']);

/** The page at `/`: what can be tried, which world this is, who listens now, which calls were made. It needs no script and loads nothing. */
export function frontPageHtml(parts: FaceParts, baseUrl: string, token: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="5"><title>mistnet emulator</title>
<style>${STYLE}</style></head>
<body><header><h1>mistnet emulator</h1>
<p>An X API of an invented world: nobody here is real, and no money is. This page renews itself every five seconds.</p></header>
<main>
<section><h2>Try it</h2>${tryIt(parts, baseUrl, token)}</section>
<section><h2>The world</h2>${world(parts)}</section>
<section><h2>Streams</h2>${streams(parts)}</section>
<section><h2>Calls</h2>${calls(parts)}</section>
<section><h2>Steering and truth</h2>${steering()}</section>
</main></body></html>
`;
}

function tryIt({ world, examples }: FaceParts, baseUrl: string, token: string): string {
  const someone = examples.get('user_public');
  const handle = someone === undefined ? 'HANDLE' : world.handleAt(someone, world.now());
  const lines = [
    ['Posts as they are made', `curl -N -H 'authorization: Bearer ${token}' ${baseUrl}/2/tweets/sample/stream`],
    [
      'Somebody',
      `curl -H 'authorization: Bearer ${token}' '${baseUrl}/2/users/by/username/${handle}?user.fields=public_metrics'`,
    ],
    ['A search', `curl -H 'authorization: Bearer ${token}' '${baseUrl}/2/tweets/search/recent?query=coffee%20lang:en'`],
    ['Break the next stream after 10 posts', `curl -d '{"kind":"cut","after":10}' ${baseUrl}/_emulator/faults`],
  ];
  return `<dl>${lines.map(([what = '', line = '']) => `<dt>${escapeHtml(what)}<dd><code>${escapeHtml(line)}</code>`).join('')}</dl>`;
}

function world({ world, clock, credentials, examples, access }: FaceParts): string {
  const now = world.now();
  const people = [...examples].map(([name, number]) => {
    const { posts, followers } = world.countsAt(number, now);
    const cells = [name, `@${world.handleAt(number, now)}`, world.account(number).id, world.stateAt(number, now)];
    return row([...cells, followers, posts]);
  });
  const apps = [...credentials.apps].map(({ name }) => name).join(', ');
  const speed = clock.speed === 1 ? 'as fast as yours' : `${count(clock.speed)} times as fast as yours`;
  return `<p>Seed ${world.seed}, ${count(world.accounts)} accounts. Its time is <time>${new Date(now).toISOString()}</time>, running ${speed}.
Access level: ${escapeHtml(access.level)}. Apps: ${escapeHtml(apps)}.</p>
${table('Accounts to try, one of each state', ['Example', 'Handle', 'Id', 'State', 'Followers', 'Posts'], people)}`;
}

function streams({ truth }: FaceParts): string {
  const all = truth.connections();
  const open = all.filter(({ closedAt }) => closedAt === null);
  const closed = all.filter(({ closedAt }) => closedAt !== null);
  if (all.length === 0) return '<p>Nobody has listened yet.</p>';
  const shown = [...open, ...closed.slice(-CLOSED_SHOWN).toReversed()].map(
    ({ id, path, openedAt, closedAt, reason, sent }) =>
      row([id, path, openedAt, closedAt === null ? 'open' : `${reason ?? 'closed'} at ${closedAt}`, sent]),
  );
  return `<p>${count(open.length)} open, ${count(closed.length)} closed.</p>
${table('Connections, the open ones first', ['Id', 'Path', 'Opened', 'State', 'Posts sent'], shown)}`;
}

function calls({ calls }: FaceParts): string {
  const told = calls.tell();
  if (told.length === 0) return '<p>No calls yet.</p>';
  const rows = told.map(({ method, path, caller, made, allowed, refused, failed }) =>
    row([`${method} ${path}`, caller, made, allowed, refused, failed]),
  );
  return table(
    'Calls by endpoint and caller',
    ['Endpoint', 'Caller', 'Made', 'Answered', 'Refused by limits', 'Failed'],
    rows,
  );
}

function steering(): string {
  const endpoints = [
    ['GET /_emulator/credentials', 'keys of every kind, and a handle of every state'],
    [
      'GET /_emulator/truth',
      'what was sent to whom; /ids, /posts, /calls, /streams, /rules, /refusals, /world and /account below it',
    ],
    ['POST /_emulator/faults', 'cuts, stalls, half lines, refusals and more, now or by a seed'],
    ['GET, POST /_emulator/limits', 'what callers may do, and what it costs'],
    ['POST /_emulator/apps, /_emulator/tokens', 'more apps and users'],
  ];
  return `<dl>${endpoints.map(([name = '', what = '']) => `<dt><code>${escapeHtml(name)}</code><dd>${escapeHtml(what)}`).join('')}</dl>`;
}

function table(caption: string, head: readonly string[], rows: readonly string[]): string {
  const titles = head
    .map((title) => `<th scope="col"${NUMBERS.has(title) ? ' class="n"' : ''}>${escapeHtml(title)}</th>`)
    .join('');
  return `<div class="wide"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${titles}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function row(cells: readonly (string | number)[]): string {
  const cell = (value: string | number) =>
    typeof value === 'number' ? `<td class="n">${count(value)}</td>` : `<td>${escapeHtml(value)}</td>`;
  return `<tr>${cells.map(cell).join('')}</tr>`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}

const STYLE = `:root{color-scheme:light dark;--line:light-dark(#ccd4dc,#3a4654);--soft:light-dark(#eef2f5,#1d2630)}
body{font:16px/1.5 system-ui,sans-serif;max-width:66rem;margin:2rem auto;padding:0 1rem;color:light-dark(#1c2733,#dde5ec);background:light-dark(#fff,#11171d)}
h1{margin:0 0 .5rem}h2{margin:2rem 0 .5rem;font-size:1.25rem}p{margin:.5rem 0}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;font-size:.875rem;padding:.25rem 0}
td,th{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);white-space:nowrap}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
code{font:.875rem/1.4 ui-monospace,monospace;background:var(--soft);padding:.125rem .25rem;overflow-wrap:anywhere}
dt{margin-top:.5rem}dd{margin:0}`;
