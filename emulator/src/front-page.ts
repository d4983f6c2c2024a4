import type { FaceParts } from './face-parts.ts';
import { postAddress } from './api/render-text.ts';
import { OWN, V2 } from './http/dialect.ts';
import type { Route } from './http/route.ts';
import { own } from './control.ts';

/** `GET /`: what this is, which world it has, who is listening now; and the addresses that short links of its posts lead to. */
export function frontPageRoutes(parts: FaceParts): Route[] {
  return [
    { ...own('GET', '/', () => ({ status: 200, body: page(parts), headers: HTML })), dialect: OWN },
    {
      method: 'GET',
      path: '/t.co/:code',
      callers: ['nobody'],
      dialect: V2,
      handle: ({ path }) => {
        const { world } = parts;
        const target = world.linkTarget(path['code'] ?? '');
        if (target === undefined) return { status: 404, body: 'There is no such link.\n', headers: TEXT };
        const location = target.kind === 'page' ? target.address : addressOf(parts, target);
        return { status: 301, headers: { location, 'content-type': 'text/html; charset=utf-8' } };
      },
    },
  ];
}

function addressOf({ world }: FaceParts, target: { kind: string; post: { at: number; slot: number } }): string {
  const post = world.post(target.post);
  if (post === undefined) return 'https://twitter.com/';
  const address = postAddress(world.handleAt(post.author, world.now()), post);
  return target.kind === 'media' ? `${address}/photo/1` : address;
}

const HTML = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

function page({ world, truth, clock, credentials, examples }: FaceParts): string {
  const now = world.now();
  const open = truth.connections().filter(({ closedAt }) => closedAt === null);
  const closed = truth.connections().length - open.length;
  const rows = open.map(({ id, path, openedAt, sent }) => `<tr><td>${id}<td>${path}<td>${openedAt}<td>${sent}`);
  const people = [...examples].map(([name, number]) => {
    const { posts, followers } = world.countsAt(number, now);
    const handle = world.handleAt(number, now);
    return `<tr><td>${name}<td>@${handle}<td>${world.account(number).id}<td>${world.stateAt(number, now)}<td>${followers}<td>${posts}`;
  });
  const apps = [...credentials.apps].map(({ name }) => name).join(', ');
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>mistnet emulator</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ccd4dc}
code{background:#eef2f5;padding:0 .25rem}</style>
<h1>mistnet emulator</h1>
<p>An X API of an invented world. Nobody here is real.</p>
<h2>World</h2>
<p>Seed ${world.seed}, ${world.accounts.toLocaleString('en')} accounts; its time is ${new Date(now).toISOString()}, running
${clock.speed} times as fast as yours. App: ${apps}.</p>
<table><tr><th>Example<th>Handle<th>Id<th>State<th>Followers<th>Posts${people.join('')}</table>
<h2>Streams</h2>
<p>${open.length} open, ${closed} closed.</p>
<table><tr><th>Id<th>Path<th>Opened<th>Posts sent${rows.join('')}</table>
<h2>Its own endpoints</h2>
<p><code>GET /_emulator/credentials</code> · <code>GET /_emulator/truth</code> · <code>GET /_emulator/truth/ids?connection=ID</code> ·
<code>GET /_emulator/truth/calls</code> · <code>GET /_emulator/truth/world</code> · <code>POST /_emulator/faults</code></p>
</html>
`;
}
