import { own } from './control.ts';
import type { Answer } from './http/exchange.ts';
import type { Route } from './http/route.ts';

/** Pages that posts link to, where `--link-host` says that they are here. What a page does is a matter of its key alone. */
export function linkedPageRoutes(): Route[] {
  return [
    own('GET', '/_emulator/pages/:page', ({ path }) => {
      const page = path['page'] ?? '';
      const key = /^[0-9a-z]{1,7}$/.test(page) ? Number.parseInt(page, 36) : Number.NaN;
      return Number.isNaN(key) ? plain(404, 'There is no such page.') : answerOf(key);
    }),
  ];
}

/** Of eight pages four are there, one is moved once, one twice, one is missing and one is gone. */
function answerOf(key: number): Answer {
  switch (key % 8) {
    case 4:
    case 5:
      return {
        status: key % 8 === 4 ? 302 : 301,
        headers: { location: `/_emulator/pages/${(key - 1).toString(36)}` },
      };
    case 6:
      return plain(404, 'There is no such page.');
    case 7:
      return plain(410, 'This page is gone.');
    default:
      return {
        status: 200,
        body: `<!doctype html>\n<title>Page ${key.toString(36)}</title>\n<p>An invented page.</p>\n`,
        headers: { 'content-type': 'text/html; charset=utf-8' },
      };
  }
}

function plain(status: number, sentence: string): Answer {
  return { status, body: `${sentence}\n`, headers: { 'content-type': 'text/plain; charset=utf-8' } };
}
