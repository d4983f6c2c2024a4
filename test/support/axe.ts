/** Looks at a page for what keeps people out: WCAG 2.2 up to AA, as axe-core tells it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** On a busy machine the frame that has the new colours comes late. */
const SETTLED =
  'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined))))';

type Violation = { id: string; help: string; nodes: { target: string[]; failureSummary: string }[] };

/** Fails with every violation that the page has now, in the theme and at the width it has now. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated from outside: the page's own policy forbids scripts from elsewhere, and stays as it is.
  await page.evaluate(source);
  // What is scrolled half below the header that stays on top can be scrolled out again: that is no small target.
  await page.evaluate('window.scrollTo(0, 0)');
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)}, resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  expect(
    violations.map(({ id, help, nodes }) => ({
      ...{ id, help },
      nodes: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
    })),
  ).toEqual([]);
}

/** The same page in both themes. */
export async function expectAccessibleInBothThemes(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
    await page.evaluate(SETTLED);
    await expectAccessible(page);
  }
}
