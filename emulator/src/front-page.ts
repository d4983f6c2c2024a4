import type { FaceParts } from './face-parts.ts';
import { postAddress } from './api/render-text.ts';
import { OWN, V2 } from './http/dialect.ts';
import type { Route } from './http/route.ts';
import { own } from './control.ts';
import { frontPageHtml } from './front-page-html.ts';
import type { Exchange } from './http/exchange.ts';

/** `GET /`: what this is, which world it has, who is listening now; and the addresses that short links of its posts lead to. */
export function frontPageRoutes(parts: FaceParts): Route[] {
  return [
    { ...own('GET', '/', (exchange) => ({ status: 200, body: page(parts, exchange), headers: HTML })), dialect: OWN },
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

function page(parts: FaceParts, { request, url }: Exchange): string {
  const [app] = parts.credentials.apps;
  const token = app === undefined ? undefined : parts.credentials.tokensOf(app).find(({ kind }) => kind === 'app');
  return frontPageHtml(parts, {
    baseUrl: `http://${request.headers.host ?? '127.0.0.1'}`,
    token: token?.token ?? 'TOKEN',
    renews: url.searchParams.has('renew'),
  });
}
