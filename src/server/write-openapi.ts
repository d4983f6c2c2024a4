/** Writes openapi.json anew: `node src/server/write-openapi.ts`. A test compares the committed file with the routes. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { systemClock } from '../core/time.ts';
import { buildServer } from './build-server.ts';
import { describedSources } from './described-sources.ts';
import { openApiText } from './openapi.ts';

const root = join(import.meta.dirname, '../..');
export const openApiPath = join(root, 'openapi.json');

/** The document of the routes as they are now; nothing is asked of any source. */
export async function renderOpenApi(): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const app = await buildServer({
    sources: describedSources(),
    datasetsFolder: root,
    webFolder: root,
    version,
    allowedHosts: [],
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });
  try {
    await app.ready();
    return openApiText(app);
  } finally {
    await app.close();
  }
}

if (import.meta.main) await writeFile(openApiPath, await renderOpenApi());
