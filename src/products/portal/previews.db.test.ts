import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeliveryId, OrganisationId } from '#core/ids';
import { startPdf } from '#platform/pdf';
import { openPortalStage, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy } from '../../../test/support/portal-reader.ts';

let stage: PortalStage;
let clinic: OrganisationId;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

const acts = (delivery: DeliveryId): Promise<string[]> =>
  stage.database.tenant([clinic], 'app', async (tx) =>
    (await stage.portal.accessLog(tx, clinic, delivery)).map(({ act }) => act),
  );

const ATTACHMENTS = [
  { name: 'scan.html', type: 'text/html', content: Buffer.from('89504e470d0a1a0a00', 'hex') },
  { name: 'notes.txt', type: 'application/x-anything', content: Buffer.from('take <two> a day') },
  { name: 'letter.pdf', type: 'text/html', content: Buffer.from('%PDF-1.7\n') },
  { name: 'photo.png', type: 'image/png', content: Buffer.from('<svg onload="alert(1)"/>') },
];

it('shows what can be shown in a frame without rights, and puts every look on record', async () => {
  const placed = await stage.place({ organisation: clinic, to: 'looker@x.test', attachments: ATTACHMENTS });
  const reader = await signInBy(stage, placed);
  const of = (index: number, part: string) => `/messages/${placed.item}/attachments/${index}/${part}`;
  expect(reader.page).toContain(`<a href="${of(0, 'preview')}">View scan.html</a>`);
  expect(reader.page).toContain(`<a href="${of(2, 'preview')}">View letter.pdf</a>`);
  expect(reader.page).not.toContain('View photo.png');
  for (const index of [0, 1]) {
    expect((await reader.get(of(index, 'preview'))).status).toBe(200);
    expect(reader.page).toContain(`src="${of(index, 'content')}"`);
    expect(reader.page).toContain('sandbox=""');
    expect(reader.page).toContain(`href="/messages/${placed.item}/attachments/${index}" download`);
  }
  // The page alone gives no octets out, so it is no look yet.
  expect(await acts(placed.delivery)).toEqual(['opened']);

  const picture = await reader.get(of(0, 'content'));
  expect(picture.text).toContain('src="data:image/png;base64,');
  const words = await reader.get(of(1, 'content'));
  expect(words.text).toContain('take &lt;two&gt; a day');
  for (const { headers } of [picture, words]) {
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
  }
  expect(await acts(placed.delivery)).toEqual(['opened', 'downloaded', 'downloaded']);
});

it('shows neither markup under the name of a picture, nor what is not there, nor ahead of a press', async () => {
  const placed = await stage.place({ organisation: clinic, to: 'looker2@x.test', attachments: ATTACHMENTS });
  const reader = await signInBy(stage, placed);
  for (const path of ['3/preview', '3/content', '9/preview', '9/content'])
    expect((await reader.get(`/messages/${placed.item}/attachments/${path}`)).status, path).toBe(404);
  const ahead = { 'sec-purpose': 'prefetch' };
  expect((await reader.get(`/messages/${placed.item}/attachments/0/content`, ahead)).status).toBe(404);
  expect(await acts(placed.delivery)).toEqual(['opened']);
  // Of a message that was not opened, and of somebody else's, nothing is shown either.
  const next = await stage.place({ organisation: clinic, to: 'looker2@x.test', attachments: ATTACHMENTS });
  const other = await stage.place({ organisation: clinic, to: 'looker3@x.test', attachments: ATTACHMENTS });
  for (const item of [next.item, other.item])
    for (const part of ['preview', 'content'])
      expect((await reader.get(`/messages/${item}/attachments/0/${part}`)).status).toBe(404);
  expect([...(await acts(next.delivery)), ...(await acts(other.delivery))]).toEqual([]);
});

const pdfOf = async (lines: number, password: string | null = null): Promise<Buffer> => {
  const sheet = await startPdf({ title: 'Letter', date: new Date('2026-03-01T00:00:00Z') });
  for (let line = 1; line <= lines; line += 1) sheet.heading(`Take ${line} <b>a day</b>`);
  return sheet.finish({ footer: '', password });
};

it('shows a PDF as pictures of its pages with their words, some at a time, and nothing of the file itself', async () => {
  const pdf = (name: string, content: Buffer) => ({ name, type: 'application/pdf', content });
  const attachments = [
    pdf('long.pdf', await pdfOf(220)),
    pdf('own.pdf', await pdfOf(1, 'a password')),
    ATTACHMENTS[2],
  ];
  const placed = await stage.place({
    organisation: clinic,
    to: 'looker4@x.test',
    attachments: attachments.filter((one) => one !== undefined),
  });
  const reader = await signInBy(stage, placed);
  const of = (index: number, part: string) => `/messages/${placed.item}/attachments/${index}/${part}`;
  expect((await reader.get(of(0, 'preview'))).status).toBe(200);
  expect(reader.page).toContain(`src="${of(0, 'content')}?from=1"`);
  expect(reader.page).toContain('sandbox=""');
  const total = Number(/Pages 1 to 5 of (\d+)/.exec(reader.page)?.[1]);
  expect(total).toBeGreaterThan(5);
  expect(reader.page).toContain(`href="${of(0, 'preview')}?from=6"`);
  expect(await acts(placed.delivery)).toEqual(['opened']);

  const first = await reader.get(`${of(0, 'content')}?from=1`);
  expect(first.text.match(/<figure><img alt="Page \d+ of \d+" src="data:image\/png;base64,/g)).toHaveLength(
    5,
  );
  expect(first.text).toContain('Take 1 &lt;b&gt;a day&lt;/b&gt;');
  expect(first.text).not.toContain('%PDF');
  expect(first.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(first.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
  await reader.get(`${of(0, 'preview')}?from=6`);
  expect(reader.page).toContain(`href="${of(0, 'preview')}?from=1"`);
  expect((await reader.get(`${of(0, 'content')}?from=${total}`)).text).toContain(`Page ${total} of ${total}`);
  for (const path of ['preview', 'content'])
    expect((await reader.get(`${of(0, path)}?from=${total + 1}`)).status).toBe(404);

  expect((await reader.get(of(1, 'preview'))).text).toContain('This PDF has a password of its own.');
  expect((await reader.get(of(2, 'preview'))).text).toContain('This PDF cannot be shown here.');
  expect(reader.page).toContain(`href="/messages/${placed.item}/attachments/2" download`);
  expect((await reader.get(of(2, 'content'))).status).toBe(404);
});

it('makes pages for one reader twice at a time, and asks them to try again beyond that', async () => {
  const placed = await stage.place({
    organisation: clinic,
    to: 'looker5@x.test',
    attachments: [{ name: 'long.pdf', type: 'application/pdf', content: await pdfOf(1) }],
  });
  const reader = await signInBy(stage, placed);
  const here = `/messages/${placed.item}/attachments/0/preview`;
  const seen = await Promise.all([1, 2, 3, 4].map(() => reader.once(here)));
  expect(seen.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
  const busy = seen.find(({ status }) => status === 429)?.text;
  expect(busy).toContain('Many files are being opened just now.');
  expect(busy).toContain(`href="${here}?from=1"`);
});
