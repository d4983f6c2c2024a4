/** What the server promises on paper is what it does: openapi.json, docs/api.md, the page's own types. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { leastRoleByRoute } from '../../src/server/permissions.ts';
import { problemTable } from '../../src/server/problems.ts';
import type { RatePoint } from '../../src/server/rate-history.ts';
import type * as reply from '../../src/server/reply-schemas.ts';
import { openApiPath, renderOpenApi } from '../../src/server/write-openapi.ts';
import type * as page from '../../web/src/api/types.ts';
import { projectRoot } from '../support/server.ts';

describe('openapi.json', () => {
  it('is what the routes say now; otherwise run node src/server/write-openapi.ts', async () => {
    expect(await readFile(openApiPath, 'utf8')).toBe(await renderOpenApi());
  });

  it('describes every route of the API with a summary, and no reply by default words', async () => {
    const { paths } = JSON.parse(await readFile(openApiPath, 'utf8'));
    const operations = Object.entries<Record<string, { summary?: string }>>(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    );
    const described = operations.map(({ path, method }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    const hidden = /[*]|openapi[.]json$|^GET [/](api[/]docs|metrics)/;
    const expected = Object.keys(leastRoleByRoute).filter((key) => !hidden.test(key));
    expect(described.toSorted()).toEqual(expected.toSorted());
    for (const { operation } of operations) {
      expect(operation.summary).toBeTruthy();
      expect(JSON.stringify(operation)).not.toContain('Default Response');
    }
  });
});

describe('docs/api.md', () => {
  it('lists every route and every problem code, and none that does not exist', async () => {
    const text = await readFile(join(projectRoot, 'docs/api.md'), 'utf8');
    const cells = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell ?? '');
    const routes = cells.filter((cell) => /^[A-Z]+ \//.test(cell));
    // The parts of the rendered description are the library's own.
    const expected = Object.keys(leastRoleByRoute).filter((key) => !key.startsWith('GET /api/docs/'));
    expect(routes.toSorted()).toEqual(expected.toSorted());
    const codes = [...text.matchAll(/^\| `([a-z-]+\.[a-z-]+)` \| (\d+) \|/gm)].map(([, code, status]) => [
      code,
      Number(status),
    ]);
    expect(Object.fromEntries(codes)).toEqual(
      Object.fromEntries(Object.entries(problemTable).map(([code, { status }]) => [code, status])),
    );
  });
});

/** JSON has no undefined: what is not there is left out. */
type AsJson<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

describe("the page's types", () => {
  it('take what the server replies', () => {
    expectTypeOf<AsJson<reply.CollectionStatus>>().toExtend<page.CollectionStatus>();
    expectTypeOf<page.CollectionStatus>().toExtend<reply.CollectionStatus>();
    expectTypeOf<reply.GapReply>().toEqualTypeOf<page.Gap>();
    expectTypeOf<reply.RetentionRunReply>().toEqualTypeOf<page.RetentionRun>();
    expectTypeOf<reply.CompactionReply>().toEqualTypeOf<page.Compaction>();
    expectTypeOf<reply.DatasetHour>().toExtend<page.DatasetHour>();
    expectTypeOf<page.DatasetHour>().toExtend<reply.DatasetHour>();
    expectTypeOf<reply.DiskUsage>().toExtend<page.DiskUsage>();
    expectTypeOf<AsJson<reply.Problem>>().toExtend<page.Problem>();
    expectTypeOf<RatePoint>().toEqualTypeOf<page.RatePoint>();
  });
});
