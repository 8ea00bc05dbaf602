import type { Browser } from 'playwright-core';
import { openContext } from './browser.ts';

interface FoundForm {
  readonly action: string;
  readonly method: string;
  readonly fields: readonly (readonly [string, string])[];
}

/**
 * A mail scanner at work: loads the link with scripts on and waits, follows every link of the page, and then posts
 * every form it found, with each of its buttons, from a program that keeps no cookies. Returns how many it posted.
 */
export async function visitAsRobot(browser: Browser, link: string): Promise<number> {
  const { context } = await openContext(browser, [new URL(link).origin]);
  const page = await context.newPage();
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
