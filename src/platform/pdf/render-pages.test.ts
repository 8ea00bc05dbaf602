import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { startPdf } from './pdf-sheet.ts';
import { createPdfRenderer } from './render-pages.ts';

const renderer = createPdfRenderer();
afterAll(() => renderer.close());

const DATE = new Date('2026-03-01T00:00:00Z');

async function letter(lines: number, password: string | null = null): Promise<Buffer> {
  const sheet = await startPdf({ title: 'Letter', date: DATE });
  for (let line = 1; line <= lines; line += 1) sheet.heading(`Line ${line} of Ana Nuñez`);
  return sheet.finish({ footer: 'Riverside Clinic', password });
}

/** A file by hand: one page with these entries, and a catalogue with those. */
function bare(page: string, catalogue = ''): Buffer {
  const objects = [
    `<</Type/Catalog/Pages 2 0 R ${catalogue}>>`,
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R ${page}>>`,
  ];
  return Buffer.from(
    `%PDF-1.7\n${objects.map((one, index) => `${index + 1} 0 obj${one}endobj\n`).join('')}trailer<</Root 1 0 R>>\n%%EOF`,
  );
}

describe('pictures of the pages of a PDF', () => {
  it('shows the pages asked for, with their words, and says how many there are', async () => {
    const octets = await letter(200);
    const some = await renderer.render({ whose: 'ana', octets, from: 2, most: 2 });
    if (some.kind !== 'pages') throw new Error(some.kind);
    expect(some.total).toBeGreaterThan(4);
    expect(some.pages.map(({ number }) => number)).toEqual([2, 3]);
    for (const { png, width, height, text } of some.pages) {
      const read = PNG.sync.read(Buffer.from(png));
      expect([read.width, read.height]).toEqual([width, height]);
      expect(width).toBe(1200);
      // Ink on paper: neither an empty page nor a black one.
      const dark = read.data.filter((value, index) => index % 4 === 0 && value < 128).length;
      expect(dark / (width * height)).toBeGreaterThan(0.001);
      expect(dark / (width * height)).toBeLessThan(0.5);
      expect(text).toContain('of Ana Nuñez');
    }
    expect(await renderer.render({ whose: 'ana', octets, from: some.total + 1, most: 2 })).toMatchObject({
      pages: [],
    });
    expect(await renderer.render({ whose: 'ana', octets, from: 1, most: 0 })).toEqual({ ...some, pages: [] });
  });

  it('says that a file has a password, or is none', async () => {
    expect(
      await renderer.render({
        whose: 'ana',
        octets: await letter(1, 'a password of its own'),
        from: 1,
        most: 1,
      }),
    ).toEqual({
      kind: 'locked',
    });
    const broken = [Buffer.from('%PDF-1.7\n'), Buffer.from('%PDF-'), (await letter(3)).subarray(0, 400)];
    for (const octets of broken)
      expect(await renderer.render({ whose: 'ana', octets, from: 1, most: 1 })).toEqual({
        kind: 'unreadable',
      });
  });

  it('makes no picture larger than it may be, whatever size a page says it has', async () => {
    for (const box of [
      '0 0 10 10',
      '0 0 10 14400',
      '0 0 1e9 1e9',
      '0 0 0 0',
      '0 0 -5 -5',
      '0 0 nonsense 1',
    ]) {
      const seen = await renderer.render({
        whose: 'ana',
        octets: bare(`/MediaBox[${box}]`),
        from: 1,
        most: 1,
      });
      if (seen.kind === 'unreadable') continue;
      if (seen.kind !== 'pages') throw new Error(seen.kind);
      const [page] = seen.pages;
      expect(page?.width).toBeLessThanOrEqual(1200);
      expect(page?.height).toBeLessThanOrEqual(2400);
    }
  });

  it('runs nothing that a file asks for', async () => {
    const script = '/OpenAction<</S/JavaScript/JS(app.launchURL\\("http://127.0.0.1:9/"\\); for\\(;;\\);)>>';
    const seen = await renderer.render({
      whose: 'ana',
      octets: bare('/MediaBox[0 0 99 99]', script),
      from: 1,
      most: 1,
    });
    expect(seen).toMatchObject({ kind: 'pages', total: 1, pages: [{ text: '' }] });
  });

  it('takes two files of one person at a time, and goes on with those of others', async () => {
    const octets = await letter(1);
    const look = (whose: string) => renderer.render({ octets, from: 1, most: 0, whose });
    const seen = await Promise.all(['ana', 'ana', 'ana', 'bo'].map(look));
    expect(seen.map(({ kind }) => kind)).toEqual(['pages', 'pages', 'busy', 'pages']);
  });

  it('ends what takes too long', async () => {
    const short = createPdfRenderer({ milliseconds: 1, growthOctets: 1e9 });
    expect(await short.render({ whose: 'ana', octets: await letter(400), from: 1, most: 100 })).toEqual({
      kind: 'unreadable',
    });
    await short.close();
  });
});
