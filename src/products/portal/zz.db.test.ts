import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { it } from 'vitest';
import { openPortalStage } from '../../../test/support/portal.ts';

it('shots', async () => {
  mkdirSync('/tmp/sp/shots-portal', { recursive: true });
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const stage = await openPortalStage();
  const clinic = await stage.organisation('Riverside Clinic');
  const hospital = await stage.organisation('General Hospital');
  await stage.place({ organisation: hospital, to: 'a@b.test' });
  const ended = await stage.place({
    organisation: clinic,
    to: 'a@b.test',
    subject: 'Old',
    expiresAt: new Date(Date.now() + 100),
  });
  await stage.place({
    organisation: clinic,
    to: 'a@b.test',
    subject: 'Appointment on Thursday with a rather long subject that has to wrap somewhere',
  });
  const p = await stage.place({
    organisation: clinic,
    to: 'a@b.test',
    subject: 'Your blood results',
    html: '<h2>Results</h2><p>All is <b>well</b>. <a href="https://example.org">More</a></p><img src="https://t.example/x.gif">',
    text: 'All is well.',
    attachments: [{ name: 'results 2026.pdf', type: 'application/pdf', content: Buffer.alloc(123456) }],
  });
  const t = await stage.place({
    organisation: clinic,
    to: 'a@b.test',
    subject: 'Plain words',
    text: 'Dear Anna,\n\nyour next visit is on Monday. See https://example.org/visit.\n\nYours,\nDr. Lee',
  });
  const { port } = await stage.server.listen('127.0.0.1', 0);
  const base = `http://127.0.0.1:${port}`;
  const browser = await chromium.launch({
    executablePath: process.env.CHROME ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      for (const js of [true]) {
        const context = await browser.newContext({
          viewport: { width, height: 800 },
          colorScheme: scheme,
          javaScriptEnabled: js,
        });
        const page = await context.newPage();
        const bad: string[] = [];
        page.on('request', (r) => {
          if (!r.url().startsWith(base) && !r.url().startsWith('data:')) bad.push(r.url());
        });
        page.on('console', (m) => {
          if (m.type() === 'error') console.log('console', m.text());
        });
        const shot = async (name: string) => {
          await page.screenshot({
            path: `/tmp/sp/shots-portal/${name}-${width}-${scheme}.png`,
            fullPage: true,
          });
          const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
          if (wide) console.log('SCROLLS SIDEWAYS', name, width);
          await context.newCDPSession(page);
          const result = (await page
            .evaluate(
              `(() => { ${axe}; return axe.run(document, { runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice'] }); })()`,
            )
            .catch((e: Error) => ({ violations: [{ id: e.message, nodes: [] }] }))) as {
            violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
          };
          for (const v of result.violations)
            console.log(
              'AXE',
              name,
              width,
              scheme,
              v.id,
              v.nodes.map((n) => n.html.slice(0, 150) + ' :: ' + n.failureSummary).join('\n'),
            );
        };
        const m = await stage.place({ organisation: clinic, to: 'a@b.test', subject: 'Newest' });
        await page.goto(`${base}/m/${t.linkToken}`);
        await shot('01-link');
        await page.getByRole('button', { name: 'Send me a code' }).click();
        await page.waitForURL('**/code');
        await shot('02-code');
        await page.getByLabel('Six-digit code').fill('12');
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.getByRole('alert').waitFor();
        await shot('03-code-error');
        const body = stage.notices.at(-1)?.body;
        await page.getByLabel('Six-digit code').fill(body?.kind === 'sign-in-code' ? body.code : '');
        await page.getByLabel('Remember this device').check();
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.waitForURL('**/messages/*');
        await shot('04-plain');
        await page.goto(`${base}/messages`);
        await shot('05-list');
        await page.goto(`${base}/messages/${p.item}`);
        await shot('06-html');
        await page.getByRole('link', { name: 'Reply' }).click();
        await shot('07-reply');
        await page.getByRole('button', { name: 'Send reply' }).click();
        await page.getByRole('alert').waitFor();
        await shot('08-reply-error');
        await page.getByLabel('Your reply').fill('Thank you very much.');
        await page
          .getByLabel('Attachments')
          .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
        await page.getByRole('button', { name: 'Send reply' }).click();
        await page.waitForURL('**/reply-sent');
        await shot('09-sent');
        await page.goto(`${base}/messages/${p.item}`);
        await shot('10-thread');
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('link', { name: /Download results/ }).click(),
        ]);
        console.log('download', download.suggestedFilename());
        await page.goto(`${base}/messages/${ended.item}`);
        await shot('11-ended');
        await page.goto(`${base}/m/${m.linkToken}`);
        await shot('12-known');
        await page.goto(`${base}/help`);
        await shot('13-help');
        await page.goto(`${base}/sign-out`);
        await shot('14-out');
        await page.getByRole('button', { name: 'Sign out', exact: true }).click();
        await page.waitForURL('**/signed-out');
        await page.goto(`${base}/sign-in`);
        await page.getByRole('button', { name: 'Español' }).click();
        await shot('15-es');
        if (bad.length > 0) console.log('THIRD PARTY', bad);
        await context.close();
        stage.clock.advance(3_700_000);
      }
    }
  }
  await browser.close();
  await stage.close();
}, 180_000);
