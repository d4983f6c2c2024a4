import type { FaceParts } from './face-parts.ts';
import { escapeHtml } from './sign-in/page.ts';
import { type Choices, DEFAULT_CHOICES, POINT_NAMES } from './uncertain/choices.ts';

const CLOSED_SHOWN = 5;
const CALLS_SHOWN = 15;
const RENEWED_SEC = 5;
/** Columns of numbers stand to the right, their titles too. */
const NUMBERS = new Set(['Followers', 'Posts', 'Posts sent', 'Made', 'Answered', 'Refused by limits', 'Failed']);

interface PageOrder {
  /** Address by which the client calls, without a slash at its end. */
  readonly baseUrl: string;
  /** A bearer token to try things with. */
  readonly token: string;
  /** Whether it is to load itself anew all the time: that takes away what was marked on it, so it must be asked for. */
  readonly renews: boolean;
}

/** The page at `/`: what can be tried, which world this is, who listens now, which calls were made. It needs no script and loads nothing. */
export function frontPageHtml(parts: FaceParts, { baseUrl, token, renews }: PageOrder): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href=data:,>
${renews ? `<meta http-equiv="refresh" content="${RENEWED_SEC}">` : ''}<title>mistnet emulator</title>
<style>${STYLE}</style></head>
<body><header><h1>mistnet emulator</h1>
<p>An X API of an invented world: nobody here is real, and no money is.</p>
<p>${renews ? 'Renewed every five seconds. <a href="/">Stop that</a>' : '<a href="/">Renew</a> · <a href="/?renew">Renew every five seconds</a>'}</p></header>
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
  return `<dl>${lines.map(([what = '', line = '']) => `<dt>${escapeHtml(what)}<dd><pre><code>${escapeHtml(line)}</code></pre>`).join('')}</dl>`;
}

function world({ world, clock, credentials, examples, access, choices }: FaceParts): string {
  const now = world.now();
  const people = [...examples].map(([name, number]) => {
    const { posts, followers } = world.countsAt(number, now);
    const cells = [name, `@${world.handleAt(number, now)}`, world.account(number).id, world.stateAt(number, now)];
    return [...cells, followers, posts];
  });
  const apps = [...credentials.apps].map(({ name }) => name).join(', ');
  const speed = clock.speed === 1 ? 'as fast as yours' : `${count(clock.speed)} times as fast as yours`;
  return `<p>Seed ${world.seed}, ${count(world.accounts)} accounts. Its time is <time>${new Date(now).toISOString()}</time>, running ${speed}.
Access level: ${escapeHtml(access.level)}. Apps: ${escapeHtml(apps)}. ${switched(choices)}</p>
${table('Accounts to try, one of each state', ['Example', 'Handle', 'Id', 'State', 'Followers', 'Posts'], people)}`;
}

function switched(choices: Choices): string {
  const changed = POINT_NAMES.filter((name) => choices[name] !== DEFAULT_CHOICES[name]);
  const told = changed.map((name) => `${name}=${choices[name]}`).join(', ');
  return `<a href="/_emulator/switches">Uncertain points</a>: ${escapeHtml(told === '' ? 'all as usual' : told)}.`;
}

function streams({ truth }: FaceParts): string {
  const all = truth.connections();
  const open = all.filter(({ closedAt }) => closedAt === null);
  const closed = all.filter(({ closedAt }) => closedAt !== null);
  if (all.length === 0) return '<p>Nobody has listened yet.</p>';
  const shown = [...open, ...closed.slice(-CLOSED_SHOWN).toReversed()].map(
    ({ id, path, openedAt, closedAt, reason, sent }) =>
      [id, path, openedAt, closedAt === null ? 'open' : `${reason ?? 'closed'} at ${closedAt}`, sent] as const,
  );
  return `<p>${count(open.length)} open, ${count(closed.length)} closed.</p>
${table('Connections, the open ones first', ['Id', 'Path', 'Opened', 'State', 'Posts sent'], shown)}`;
}

function calls({ calls }: FaceParts): string {
  const told = calls.tell();
  if (told.length === 0) return '<p>No calls yet.</p>';
  const newest = told.toSorted((a, b) => (a.lastAt < b.lastAt ? 1 : -1)).slice(0, CALLS_SHOWN);
  const rows = newest.map(({ method, path, caller, made, allowed, refused, failed }) => [
    `${method} ${path}`,
    caller,
    made,
    allowed,
    refused,
    failed,
  ]);
  const titles = ['Endpoint', 'Caller', 'Made', 'Answered', 'Refused by limits', 'Failed'];
  const more = told.length > newest.length ? `, the last ${CALLS_SHOWN} of ${told.length} kinds` : '';
  return `${table(`Calls by endpoint and caller${more}`, titles, rows)}<p><a href="/_emulator/truth/calls">All calls</a></p>`;
}

function steering(): string {
  const endpoints = [
    ['GET /_emulator/credentials', 'keys of every kind, and a handle of every state'],
    ['GET /_emulator/switches', 'where nobody knows what the platform does, and what is done here'],
    [
      'GET /_emulator/truth',
      'what was sent to whom; /ids, /posts, /calls, /streams, /rules, /refusals, /world and /account below it',
    ],
    ['POST /_emulator/faults', 'cuts, stalls, half lines, refusals and more, now or by a seed'],
    ['GET, POST /_emulator/limits', 'what callers may do, and what it costs'],
    ['POST /_emulator/apps, /_emulator/tokens', 'more apps and users'],
  ];
  const linked = (name: string): string => {
    const [, path] = /^GET (?:, POST )?(\S+)$/.exec(name.replace('GET, POST', 'GET')) ?? [];
    const code = `<code>${escapeHtml(name)}</code>`;
    return path === undefined ? code : `<a href="${escapeHtml(path)}">${code}</a>`;
  };
  return `<dl>${endpoints.map(([name = '', what = '']) => `<dt>${linked(name)}<dd>${escapeHtml(what)}`).join('')}</dl>`;
}

/** On narrow screens each row becomes a list, in which the titles stand beside the values; roles keep it a table for those who hear it. */
function table(caption: string, titles: readonly string[], rows: readonly Row[]): string {
  const head = titles.map((title) => `<th role="columnheader" scope="col"${classOf(title)}>${escapeHtml(title)}</th>`);
  const body = rows.map((cells) => {
    const written = cells.map((value, n) => {
      const title = titles[n] ?? '';
      const text = escapeHtml(typeof value === 'number' ? count(value) : value);
      return `<td role="cell" data-title="${escapeHtml(title)}"${classOf(title)}>${text}</td>`;
    });
    return `<tr role="row">${written.join('')}</tr>`;
  });
  return `<table role="table"><caption>${escapeHtml(caption)}</caption><thead role="rowgroup"><tr role="row">${head.join('')}</tr></thead><tbody role="rowgroup">${body.join('')}</tbody></table>`;
}

type Row = readonly (string | number)[];

function classOf(title: string): string {
  return NUMBERS.has(title) ? ' class="n"' : '';
}

function count(number: number): string {
  return number.toLocaleString('en');
}

const STYLE = `:root{color-scheme:light dark;--line:light-dark(#ccd4dc,#3a4654);--soft:light-dark(#eef2f5,#1d2630);--link:light-dark(#0b57b0,#8ab8f0)}
body{font:16px/1.5 system-ui,sans-serif;max-width:66rem;margin:2rem auto;padding:0 1rem;color:light-dark(#1c2733,#dde5ec);background:light-dark(#fff,#11171d)}
h1{margin:0 0 .5rem}h2{margin:2rem 0 .5rem;font-size:1.25rem}p{margin:.5rem 0}a{color:var(--link)}:focus-visible{outline:3px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;width:100%}caption{text-align:left;font-size:.875rem;padding:.25rem 0}
td,th{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code{font:.875rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere}pre{margin:.25rem 0;padding:.5rem .75rem;background:var(--soft);white-space:pre-wrap}
dt{margin-top:.5rem}dd{margin:0}
@media(max-width:44rem){thead{display:block;position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}table,caption,tbody{display:block}tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}
td,td.n{display:flex;gap:1rem;justify-content:space-between;border:0;padding:0;text-align:right;white-space:normal}td::before{content:attr(data-title);flex:none;opacity:.8;text-align:left}}`;
