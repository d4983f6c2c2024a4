import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../app-type.ts';
import { packingOf, pageFile } from '../page-file.ts';
import { problemOf, ProblemError, sendProblem } from '../problems.ts';

/** Files beside index.html that keep their name in every build. */
const PLAIN_FILE = /^[a-z0-9-]+\.(svg|js|png|ico|txt|webmanifest)$/;
const ASSET = /^[A-Za-z0-9._-]+$/;
const YEAR_SEC = 31_536_000;

const notBuilt =
  'The page has not been built yet. `mistnet start` and `mistnet demo` build it; the API answers meanwhile.';

/**
 * The web page: index.html for every address of the page, its hashed assets for ever, other files checked each time. `basePath`: below which
 * browsers see it, `''` or `/mistnet`.
 */
export function pageRoutes(app: App, { pageFolder, basePath }: { pageFolder: string; basePath: string }): void {
  const movedPage = pageFile({ path: join(pageFolder, 'index.html'), basePath });
  app.get('/assets/*', { schema: { hide: true } }, async (request, reply) => {
    const name = wildcardOf(request);
    const folder = join(pageFolder, 'assets');
    if (!ASSET.test(name) || !existsSync(join(folder, name))) throw nothingAt(request);
    return (
      reply
        // The name holds a digest of the content.
        .header('cache-control', `public, max-age=${YEAR_SEC}, immutable`)
        .sendFile(name, folder, { cacheControl: false })
    );
  });

  app.get('/*', { schema: { hide: true } }, async (request, reply) => {
    const path = wildcardOf(request);
    if (/^(api|files)(\/|$)/.test(path)) throw nothingAt(request);
    if (PLAIN_FILE.test(path) && existsSync(join(pageFolder, path)))
      return reply.header('cache-control', 'no-cache').sendFile(path, pageFolder, { cacheControl: false });
    // A missing file must not come back as a page; an address of the page has no ending.
    if (/\.[^/]*$/.test(path) && path !== 'index.html') throw nothingAt(request);
    if (!existsSync(join(pageFolder, 'index.html'))) return sendNotBuilt(request, reply, basePath);
    if (basePath !== '') {
      const { etag, bodies } = movedPage();
      const packing = packingOf(request.headers['accept-encoding']);
      reply.headers({ etag, 'cache-control': 'no-cache', vary: 'accept-encoding' }).type('text/html; charset=utf-8');
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return (packing === 'identity' ? reply : reply.header('content-encoding', packing)).send(bodies[packing]);
    }
    return reply.header('cache-control', 'no-cache').sendFile('index.html', pageFolder, { cacheControl: false });
  });
}

function nothingAt({ method, url }: FastifyRequest): ProblemError {
  return new ProblemError('route.unknown', `Nothing answers ${method} ${url.split('?', 1)[0]}.`);
}

function wildcardOf({ params }: FastifyRequest): string {
  return typeof params === 'object' && params !== null && '*' in params ? String(params['*']) : '';
}

function sendNotBuilt({ headers }: FastifyRequest, reply: FastifyReply, basePath: string): FastifyReply {
  if (headers.accept?.includes('text/html') !== true) return sendProblem(reply, problemOf('page.missing', notBuilt));
  return reply
    .code(503)
    .header('cache-control', 'no-store')
    .header('retry-after', '5')
    .header('refresh', '5')
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>mistnet</title><h1>mistnet runs, its page is missing</h1>` +
        `<p>${notBuilt.replaceAll(/`([^`]+)`/g, '<code>$1</code>')}</p>` +
        `<p>This page looks again every five seconds. The figures as data: <a href="${basePath}/api/v1/status">${basePath}/api/v1/status</a></p></html>`,
    );
}
