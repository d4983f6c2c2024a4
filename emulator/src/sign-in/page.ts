import { createHash } from 'node:crypto';
import { canSignIn } from './find-account.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Answer } from '../http/exchange.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;color:#1c2733;background:#fff}
label,input,button{display:block;font:inherit}input{width:100%;box-sizing:border-box;padding:.5rem;margin:.25rem 0 1rem;border:1px solid #5b6b7a}
button{padding:.5rem 1.25rem;margin:0 0 .75rem;border:1px solid #1c2733;background:#fff;color:#1c2733;cursor:pointer}
button[value=allow]{background:#1c2733;color:#fff}:focus-visible{outline:3px solid #1a73e8;outline-offset:2px}code{font-size:1.5rem}`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * A small page without scripts. `body` is HTML: escape what is put into it.
 * @param sendsTo where its form may lead in the end, beside the emulator itself: an address of the app
 */
export function page(status: number, title: string, body: string, sendsTo?: string): Answer {
  return {
    status,
    body: `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style>
<main><h1>${escapeHtml(title)}</h1>
${body}
</main></html>
`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'${sourceOf(sendsTo)}; frame-ancestors 'none'; base-uri 'none'`,
      'referrer-policy': 'no-referrer',
    },
  };
}

/** The question whether an app may act for an account. The form goes to `action`, with `hidden` along. */
export function consentPage(
  parts: FaceParts,
  question: {
    readonly appName: string;
    readonly wants: readonly string[];
    readonly action: string;
    readonly hidden: Iterable<readonly [name: string, value: string]>;
    readonly account: string;
    readonly sendsTo: string | undefined;
  },
): Answer {
  const { world, examples } = parts;
  const now = world.now();
  const fields = [...question.hidden].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const able = [...examples.values()].filter((number) => canSignIn(world.stateAt(number, now)));
  const handles = able.map((number) => `<option value="${escapeHtml(world.handleAt(number, now))}">`);
  const wants = question.wants.map((want) => `<li>${escapeHtml(want)}`);
  return page(
    200,
    `${question.appName} wants to act for an account`,
    `<p>This is an emulator: any account of its world will do, and no password is asked.</p>
${wants.length > 0 ? `<p>The app would be allowed:</p><ul>${wants.join('')}</ul>` : ''}
<form method="post" action="${escapeHtml(question.action)}">${fields.join('')}
<label for="account">Account (handle or id)</label>
<input id="account" name="account" value="${escapeHtml(question.account)}" list="accounts" autocomplete="off" spellcheck="false" required>
<datalist id="accounts">${handles.join('')}</datalist>
<button name="decision" value="allow">Authorize app</button>
<button name="decision" value="deny">Cancel</button>
</form>`,
    question.sendsTo,
  );
}

export function refusalPage(status: number, sentence: string): Answer {
  return page(status, 'Something went wrong', `<p>${escapeHtml(sentence)}</p>`);
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Browsers hold redirects after a form to `form-action`, too. Addresses of apps on phones have schemes of their own. */
function sourceOf(address: string | undefined): string {
  const url = address === undefined ? null : URL.parse(address);
  if (url === null) return '';
  return url.origin === 'null' ? ` ${url.protocol}` : ` ${url.origin}`;
}
