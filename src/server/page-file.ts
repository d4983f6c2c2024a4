/** index.html for a page that is below a path: the same file, with that path in the addresses that it names. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

type Copy = { etag: string; bodies: Record<'br' | 'gzip' | 'identity', Buffer> };

/** Answers the copy of the file as it is now, made anew when the page was built anew. Throws when there is none. */
export function pageFile({ path, basePath }: { path: string; basePath: string }): () => Copy {
  let known: { madeMs: number; copy: Copy } | undefined;
  return () => {
    const { mtimeMs } = statSync(path);
    if (known?.madeMs !== mtimeMs) known = { madeMs: mtimeMs, copy: copyOf(readFileSync(path, 'utf8'), basePath) };
    return known.copy;
  };
}

/** The best packing that the browser takes. */
export function packingOf(acceptEncoding = ''): keyof Copy['bodies'] {
  const taken = acceptEncoding.split(',').map((each) => each.split(';', 1)[0]?.trim());
  return taken.includes('br') ? 'br' : taken.includes('gzip') ? 'gzip' : 'identity';
}

function copyOf(html: string, basePath: string): Copy {
  const moved = html
    .replaceAll(/ (href|src)="\/(?!\/)/g, ` $1="${basePath}/`)
    .replace('name="mistnet-base" content=""', `name="mistnet-base" content="${basePath}"`);
  const plain = Buffer.from(moved);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { etag, bodies: { identity: plain, br: brotliCompressSync(plain), gzip: gzipSync(plain) } };
}
