import { expect, it } from 'vitest';
import { readProviderMetadata } from './saml-metadata.ts';
import { parseSafely } from './saml-xml.ts';

// As large as a response may be; anybody may post one.
const SIZE = 256 * 1024;

it.each([
  ['signs that open nothing', `<a>${'<'.repeat(SIZE)}`],
  ['tags that never close', `<a>${'<b '.repeat(SIZE / 3)}`],
  ['tags that are not closed in the end', '<a>'.repeat(SIZE / 3)],
])('refuses %s at once, not after minutes', (_what, xml) => {
  const begun = performance.now();
  expect(parseSafely(xml)).toBeNull();
  expect(performance.now() - begun).toBeLessThan(2_000);
});

it('refuses metadata of comments without end at once', () => {
  const begun = performance.now();
  expect(readProviderMetadata('<!--'.repeat(1 << 17))).toBeNull();
  expect(performance.now() - begun).toBeLessThan(2_000);
});
