/** What is true of every tracked file, and of the documents among them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = tracked.filter((file) => file.endsWith('.md'));
const written = tracked.filter((file) => file !== 'package-lock.json' && file !== 'test/house/docs.test.ts');
const shipped = written.filter((file) => !/^(test|emulator\/test)\/|[.]test[.]tsx?$/.test(file));

/** What means something on the machine of its author only. */
const MACHINE_PATH = /(?<![\w.])\/work\/[\w/.-]*/g;
const OUTSIDE = /\.\.\/shared\b/g;
/** References to papers that are not in this repository. */
const UNWRITTEN = /\bDESIGN(\.md| §)|\bissue #?\d+\b|\b[VSTG]-\d\d\b/g;

describe('the tracked files', () => {
  it('are many enough to have been found', () => {
    expect(tracked.length).toBeGreaterThan(30);
    expect(documents.length).toBeGreaterThan(10);
  });

  it('name no path of a machine', () => {
    expect('see /work/main/x'.match(MACHINE_PATH)).toEqual(['/work/main/x']);
    expect(written.flatMap((file) => found(file, MACHINE_PATH))).toEqual([]);
  });

  it('reach outside of the repository in tests only', () => {
    expect(shipped.flatMap((file) => found(file, OUTSIDE))).toEqual([]);
  });

  it('cite no paper that a reader cannot open', () => {
    expect(shipped.flatMap((file) => found(file, UNWRITTEN))).toEqual([]);
  });

  it('leave nothing for later', () => {
    expect(written.flatMap((file) => found(file, /\b(TODO|FIXME|XXX|HACK)\b.*/g))).toEqual([]);
  });

  it('give a reason beside each exception to the lint', () => {
    const exceptions = tracked
      .filter((file) => /[.](ts|tsx|mjs)$/.test(file) && !file.startsWith('test/house/'))
      .flatMap((file) => found(file, /(oxlint|eslint)-disable.*|@ts-(expect-error|ignore|nocheck).*/g));
    expect(exceptions.filter((line) => !/-disable[\w-]* .+ -- \S|@ts-expect-error \S/.test(line))).toEqual([]);
  });
});

describe('the documents', () => {
  it('link only to what is there', () => {
    const broken = documents.flatMap((file) =>
      relativeLinks(read(file))
        .filter((target) => !existsSync(join(root, dirname(file), target)))
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
    expect(documents.flatMap((file) => relativeLinks(read(file))).length).toBeGreaterThan(20);
  });

  it('are searched for links of each form, but not in code', () => {
    const text =
      'a [b](c.md#part) ![d](e.png "title") [f](https://g.example) [h](#i) `[j](k.md)`\n\n[l]: m.md\n```\n[n](o.md)\n```\n';
    expect(relativeLinks(text)).toEqual(['c.md', 'e.png', 'm.md']);
  });

  it('keep the front door short', () => {
    const limits = { 'README.md': 150, 'ARCHITECTURE.md': 300 };
    const lines = Object.entries(limits)
      .filter(([file]) => existsSync(join(root, file)))
      .map(([file, limit]) => ({ file, limit, lines: read(file).split('\n').length - 1 }));
    expect(lines.filter((one) => one.lines >= one.limit)).toEqual([]);
  });

  it('list every decision, numbered without holes', () => {
    const pages = documents.filter((file) => /^docs\/decisions\/\d{4}-[a-z0-9-]+\.md$/.test(file)).toSorted();
    expect(pages.map((file) => Number(file.slice(15, 19)))).toEqual(pages.map((_, index) => index + 1));
    const listed = relativeLinks(read('docs/decisions/README.md')).map((target) => `docs/decisions/${target}`);
    expect(listed.filter((file) => /\/\d{4}-/.test(file))).toEqual(pages);
    for (const part of ['## Context', '## Decision', '## Consequences', '## What would change our mind'])
      expect(pages.filter((file) => !read(file).includes(part))).toEqual([]);
  });

  it('name the notes in changes/ by what happened', () => {
    const notes = tracked.filter((file) => file.startsWith('changes/') && file !== 'changes/README.md');
    expect(notes.filter((file) => !/^changes\/[a-z0-9-]+\.(added|changed|fixed|removed)\.md$/.test(file))).toEqual([]);
  });
});

/** Each hit of a pattern in a text file, as `file:line hit`. */
function found(file: string, pattern: RegExp): string[] {
  return read(file)
    .split('\n')
    .flatMap((line, index) => [...line.matchAll(pattern)].map((match) => `${file}:${index + 1} ${match[0]}`));
}

function relativeLinks(markdown: string): string[] {
  const text = markdown.replaceAll(/^(```|~~~)[^]*?^\1/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)/g)];
  const defined = [...text.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  return [...inline, ...defined]
    .map((match) => (match[1] ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z][a-z0-9+.-]*:/.test(target));
}
