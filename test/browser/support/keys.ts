import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const MOST_STOPS = 80;

/** Goes on with Tab (or back with Shift-Tab) until the element has the focus; every stop on the way must show that it has it. */
export async function tabTo(page: Page, target: Locator, back = false): Promise<void> {
  await target.waitFor();
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    if (await hasFocus(target)) return;
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    await expectVisibleFocus(page);
  }
  throw new Error(`not reached by Tab: ${String(target)}`);
}

interface InDocument {
  readonly ownerDocument: { readonly activeElement: unknown };
}

export function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element: InDocument) => element.ownerDocument.activeElement === element);
}

/** The element with the focus is in sight and is drawn with an outline. */
export async function expectVisibleFocus(page: Page): Promise<void> {
  const shown = await page.evaluate<{ what: string; outlined: boolean; inSight: boolean }>(
    `(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return { what: 'the page', outlined: true, inSight: true };
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return {
        what: element.outerHTML.slice(0, 160),
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        inSight: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
      };
    })()`,
  );
  expect(shown, `focus on ${shown.what}`).toMatchObject({ outlined: true, inSight: true });
}
