import type { Browser, Page } from 'playwright-core';
import { type Administrator, ENDS, setUp } from './administrator.ts';
import { openBrowser } from './browser.ts';
import { type Installation, startInstallation } from './installation.ts';
import { until } from './until.ts';

/** An installation with some messages in it, and a signed-in page of its console. */
export interface ConsolePages {
  readonly installation: Installation;
  readonly browser: Browser;
  readonly administrator: Administrator;
  readonly page: Page;
  /** The message that was sent to one recipient of each end. */
  readonly message: string;
  /** Goes to a page and waits until its heading and its data stand. */
  open(path: string, title: string | RegExp): Promise<void>;
  press(name: string | RegExp): Promise<void>;
  close(): Promise<void>;
}

/** A page to look at: name of its pictures, path, heading. */
export type PageToSee = readonly [name: string, path: string, title: string | RegExp];

export async function openConsolePages(): Promise<ConsolePages> {
  const installation = await startInstallation();
  const browser = await openBrowser();
  const close = async () => {
    await browser.close();
    await installation.close();
  };
  const administrator = await setUp(browser, installation);
  const { api } = administrator;
  const message = await api.send({ to: Object.keys(ENDS), subject: 'Your results of Monday' });
  await api.send({ to: ['anna@good-tls.test'], subject: 'Appointment on Thursday' });
  const page = await administrator.context.newPage();
  return {
    installation,
    browser,
    administrator,
    page,
    message,
    async open(path, title) {
      await page.goto(installation.consoleUrl + path);
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      await until('the skeletons to go', async () => (await page.locator('.skeleton').count()) === 0);
    },
    press: (name) => page.getByRole('button', { name }).first().click(),
    close,
  };
}
