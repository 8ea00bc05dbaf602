import type { Browser } from 'playwright-core';
import { openContext } from './browser.ts';

interface FoundForm {
  readonly action: string;
  readonly method: string;
  readonly fields: readonly (readonly [string, string])[];
}

/** Typed into every empty field, as a scanner does that wants to see what follows. */
const FILLING = `for (const input of document.querySelectorAll('input:not([type=hidden]):not([type=checkbox])')) {
  if (input.value === '') input.value = input.name === 'code' ? '123456' : 'scanner@example.org';
}
for (const box of document.querySelectorAll('input[type=checkbox]')) box.checked = true;`;

/**
 * A scanner with a whole browser: scripts on, cookies kept, two levels deep. On every page it fills in every field and
 * presses every button that it sees, each from a fresh look at the page. Returns how many it pressed.
 */
export async function pressAsRobot(browser: Browser, link: string): Promise<number> {
  const { context } = await openContext(browser, [new URL(link).origin]);
  const page = await context.newPage();
  const seen = new Set<string>();
  let level = [link];
  let pressed = 0;
  for (let depth = 0; depth < 2; depth += 1) {
    const next: string[] = [];
    for (const url of level) {
      if (seen.has(url)) continue;
      seen.add(url);
      await page.goto(url);
      next.push(...(await page.evaluate<string[]>('[...document.links].map((one) => one.href)')));
      const buttons = page.getByRole('button').filter({ visible: true });
      for (let at = 0; at < (await buttons.count()); at += 1) {
        await page.evaluate(FILLING);
        await buttons.nth(at).click();
        // A passkey's button sends nothing by itself: it asks a device that a robot does not have.
        await page.waitForTimeout(150);
        await page.waitForLoadState();
        next.push(page.url());
        await page.goto(url);
        pressed += 1;
      }
    }
    level = next;
  }
  await context.close();
  return pressed;
}

/**
 * A mail scanner at work: loads the link with scripts on and waits, follows every link of the page, and then posts
 * every form it found, with each of its buttons, from a program that keeps no cookies. Returns how many it posted.
 */
export async function visitAsRobot(browser: Browser, link: string): Promise<number> {
  const { context } = await openContext(browser, [new URL(link).origin]);
  const page = await context.newPage();
  for (const method of ['HEAD', 'OPTIONS', 'GET']) await fetch(link, { method });
  await page.goto(link);
  await page.waitForTimeout(500);
  const forms = await page.evaluate<FoundForm[]>(
    `[...document.forms].flatMap((form) => {
      const buttons = [...form.querySelectorAll('button')];
      const fields = [...form.querySelectorAll('input')].map((input) => [input.name, input.value]);
      return buttons.map((button) => ({
        action: form.action,
        method: form.method,
        fields: button.name === '' ? fields : [...fields, [button.name, button.value]],
      }));
    })`,
  );
  const links = await page.evaluate<string[]>('[...document.links].map((one) => one.href)');
  for (const href of links) await page.goto(href);
  await context.close();

  const act = forms.flatMap((form) => [form, { ...form, fields: withAct(form.fields, 'open') }]);
  for (const { action, method, fields } of act) {
    await fetch(action, {
      method,
      redirect: 'follow',
      body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
    });
  }
  return act.length;
}

/** The same form, pressed as if its other button stood there. */
function withAct(fields: FoundForm['fields'], act: string): FoundForm['fields'] {
  return [...fields.filter(([name]) => name !== 'act'), ['act', act]];
}
