import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const SHOTS = fileURLToPath(new URL('../shots', import.meta.url));
/** Pictures are for people who look at them, and cost a minute and more in all. */
const DRAWN = process.env.SEALPOST_SHOTS !== undefined;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const VIEWS = [
  { width: 1280, height: 860, scheme: 'light' },
  { width: 1280, height: 860, scheme: 'dark' },
  { width: 360, height: 740, scheme: 'dark' },
  { width: 360, height: 740, scheme: 'light' },
] as const;

/**
 * Looks at the page as it stands, wide and narrow, light and dark: no accessibility violation, no sideways scrolling, and
 * the bones that a screen reader needs; with SEALPOST_SHOTS set, a picture of each in test/browser/shots. Leaves the page
 * at 1280 px and light.
 */
export async function look(page: Page, name: string): Promise<void> {
  if (DRAWN) mkdirSync(SHOTS, { recursive: true });
  const findings: string[] = [];
  for (const { width, height, scheme } of VIEWS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme });
    await settled(page);
    if (DRAWN) await page.screenshot({ path: join(SHOTS, `${name}-${width}-${scheme}.png`), fullPage: true });
    const label = `${name} ${width} ${scheme}`;
    const excess = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    if (excess > 0) findings.push(`${label}: ${excess} px too wide`);
    for (const violation of await violations(page)) findings.push(`${label}: ${violation}`);
  }
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.emulateMedia({ colorScheme: 'light' });
  findings.push(...(await bones(page)).map((missing) => `${name}: ${missing}`));
  expect(findings).toEqual([]);
}

/** A picture of one state, for the shots only. */
export async function snap(page: Page, name: string): Promise<void> {
  if (!DRAWN) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

/** Fonts loaded and two frames drawn. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(
    'document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))',
  );
}

/** What axe-core finds wrong, as `rule: element`. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(AXE);
  return page.evaluate<string[]>(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)}, iframes: false, preload: false, resultTypes: ['violations'] })
      .then((found) => found.violations.flatMap((rule) =>
        rule.nodes.slice(0, 3).map((node) => rule.id + ': ' + node.html.slice(0, 200))))`,
  );
}

/** One heading of the first level, one main landmark, a language, a title, and a name on every control in sight. */
async function bones(page: Page): Promise<string[]> {
  const found = await page.evaluate<{ h1: number; main: number; lang: string; title: string }>(
    `({ h1: [...document.querySelectorAll('h1')].filter((one) => one.checkVisibility()).length,
        main: document.querySelectorAll('main').length,
        lang: document.documentElement.lang, title: document.title })`,
  );
  const missing: string[] = [];
  if (found.h1 !== 1) missing.push(`${found.h1} headings of the first level`);
  if (found.main !== 1) missing.push(`${found.main} main landmarks`);
  if (found.lang === '') missing.push('no language');
  if (found.title.trim() === '') missing.push('no title');
  return missing;
}
