import { createReadStream, createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// A build started from a test run must not become a development build of React.
process.env.NODE_ENV = 'production';

export default defineConfig({
  plugins: [react(), compressed()],
  // The page may be below a path that only the server knows: it writes that path into index.html; files name each other by where they are.
  experimental: { renderBuiltUrl: (_name, { hostType }) => (hostType === 'html' ? undefined : { relative: true }) },
  build: {
    target: 'es2023',
    // Inlined images would be `data:` addresses, and inlined scripts none at all under the page's policy.
    assetsInlineLimit: 0,
    // One style sheet: split, the pages' own rules could come before those of the components, which they change.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4100', '/files': 'http://127.0.0.1:4100' } },
});

/** Writes `.br` and `.gz` beside each text file, once, so that the server needs no compression of its own. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir }) {
      if (dir === undefined) return;
      for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(html|js|css|svg)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const brotli = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
        await pipeline(createReadStream(path), brotli, createWriteStream(`${path}.br`));
        await pipeline(createReadStream(path), createGzip({ level: 9 }), createWriteStream(`${path}.gz`));
      }
    },
  };
}
