import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { control, wholePass } from '../../prove/support/canary-passes.ts';
import { CanarySet, shapesOf } from '../../prove/support/canary-set.ts';
import { searchOctets } from '../../prove/support/search-files.ts';

// The reduced form of `npm run prove -- canary`: one pass with an orderly end, and the control.
describe('nothing on disk', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'sealpost-canary-'));
    chmodSync(root, 0o755);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('finds no canary and no secret in any file or row, and finds what is kept clear', async () => {
    const report = await wholePass(join(root, 'whole'), 'stop');
    expect(report.found).toEqual([]);
    expect(report.surprises).toEqual([]);
    expect(report.openFound).toBeGreaterThan(0);
    expect(report.canaries).toBeGreaterThan(100);
  }, 240_000);

  it('finds the canary when the sealing of one field is left out', async () => {
    const report = await control(join(root, 'control'), 'message.subject');
    expect(report.found.map((one) => one.feature)).toContain('message: subject');
  }, 240_000);
});

describe('the search', () => {
  const set = new CanarySet();
  const word = set.word('here');
  const found = (octets: Buffer | string) => searchOctets(Buffer.from(octets), 'here', set.patterns());

  it.each(shapesOf(word).filter((shape) => shape.view === 'raw'))(
    'finds $encoding',
    ({ octets, encoding }) => {
      const around = Buffer.concat([Buffer.from([0, 200, 10, 13]), octets, Buffer.from([255, 61])]);
      const hit = found(around).find((one) => one.encoding === encoding);
      expect(hit).toBeDefined();
      expect(set.featureIn(hit?.around ?? Buffer.alloc(0), encoding)).toBe('here');
    },
  );

  it.each([0, 1, 2, 3, 4, 5])('finds base64 with %i octets before it, also folded', (before) => {
    const text = Buffer.from(`${'x'.repeat(before)}${word} and more`).toString('base64');
    expect(found(text)).not.toEqual([]);
    const folded = (text.match(/.{1,9}/g) ?? []).join('\r\n');
    expect(found(folded)).not.toEqual([]);
  });

  it('finds quoted-printable with a soft line break in the word', () => {
    expect(found(`${word.slice(0, 7)}=\r\n${word.slice(7)}`)).not.toEqual([]);
  });

  it('finds a network address, and the network that it stands in', () => {
    const address = set.address('a visitor');
    if (address === undefined)
      return console.log('skipped: only Linux lets a client choose its loopback address');
    const network = address.slice(0, address.lastIndexOf('.'));
    for (const text of [
      `{"address":"${address}"}`,
      `${network}.0/24`,
      Buffer.from(address).toString('hex'),
    ]) {
      const [hit] = found(text);
      expect(set.featureIn(hit?.around ?? Buffer.alloc(0), hit?.encoding ?? '')).toBe('a visitor');
    }
    expect(found(`${network.slice(0, -1)}-.9`)).toEqual([]);
  });

  it('finds nothing where there is nothing', () => {
    expect(found(`${word.slice(0, 9)} ${word.slice(9)}`)).toEqual([]);
  });
});
