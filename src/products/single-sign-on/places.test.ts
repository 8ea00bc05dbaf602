import { describe, expect, it } from 'vitest';
import { ownPath } from './places.ts';

describe('the path to go on with', () => {
  it.each([
    'https://evil.test',
    '//evil.test',
    '/\\evil.test',
    '/a\\b',
    'javascript:alert(1)',
    '/a\nb',
    '/a/..//evil.test',
    '/..//evil.test',
    '',
    undefined,
  ])('is the first page for %j', (text) => {
    expect(ownPath(text)).toBe('/');
  });

  it('stays what it is on our own pages', () => {
    expect(ownPath('/messages?state=held#x')).toBe('/messages?state=held');
  });
});
